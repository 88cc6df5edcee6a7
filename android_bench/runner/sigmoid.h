#pragma once

// 1 / (1 + exp(-logit)), in 0..1.
float sigmoid(float logit);

// The same of many, within 2e-7, and several times as fast.
void sigmoids(const float* logits, int count, float* probabilities);
