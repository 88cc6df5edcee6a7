#pragma once

#include <vector>

#include "assignment.h"

// Kernels of two keyframes that are of one object, as mobileinst_deploy/tracking/association.py
// finds them: by cosine similarity, one to one.

using Kernels = std::vector<const std::vector<float>*>;

// A kernel's direction: its length is 1, or less where it has next to none.
std::vector<double> unit(const std::vector<float>& kernel);

// In -1..1, of two directions.
double cosine_similarity(const std::vector<double>& direction, const std::vector<double>& other);

// How far a similarity is above the threshold, in whole steps of 2^-30; 0 where it is not.
double gain(double similarity, double threshold);

// In -1..1: a row for each kernel, a column for each of the others.
Matrix cosine_similarities(const Kernels& kernels, const Kernels& others);

// Each row's column, so that the similarity above the threshold, summed over the pairs, is largest;
// kNone where no column is left whose similarity is above it.
std::vector<int> associate(const Matrix& similarities, double threshold);
