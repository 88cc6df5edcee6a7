#pragma once

#include <string>
#include <vector>

// What this CPU has of the instructions that ncnn chooses kernels by, under ncnn's names.
std::vector<std::string> cpu_features();
