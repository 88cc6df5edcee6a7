#pragma once

#include <vector>

#include "assignment.h"

// Kernels of two keyframes that are of one object, as mobileinst_deploy/tracking/association.py
// finds them: by cosine similarity, one to one.

using Kernels = std::vector<const std::vector<float>*>;

// In -1..1: a row for each kernel, a column for each of the others.
Matrix cosine_similarities(const Kernels& kernels, const Kernels& others);

// Each row's column, so that the similarity above the threshold, summed over the pairs, is largest;
// kNone where no column is left whose similarity is above it.
std::vector<int> associate(const Matrix& similarities, double threshold);
