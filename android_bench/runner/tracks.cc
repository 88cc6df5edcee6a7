#include "tracks.h"

#include <algorithm>

#include "association.h"

namespace {

template <typename T>
Kernels kernels_of(const std::vector<T>& owners) {
  Kernels kernels;
  for (const T& owner : owners) kernels.push_back(&owner.kernel);
  return kernels;
}

// Each candidate's track.
std::vector<int> match(const std::vector<Track>& tracks, const std::vector<Candidate>& candidates,
                       double similarity) {
  return associate(cosine_similarities(kernels_of(candidates), kernels_of(tracks)), similarity);
}

void keep_or_forget(Continuation& after, const Track& track, bool is_seen, double memory) {
  if (is_seen || track.missed < memory) {
    after.tracks.push_back(track);
    after.tracks.back().missed = is_seen ? 0 : track.missed + 1;
  } else {
    after.forgotten.push_back(track);
  }
}

Track begun(int identity, const Candidate& candidate) {
  return {identity, candidate.kernel, 0, 0, 0.0,
          std::vector<double>(candidate.class_probabilities.size())};
}

}  // namespace

int label_of(const Track& track) {
  const auto& sums = track.class_sums;
  return static_cast<int>(std::max_element(sums.begin(), sums.end()) - sums.begin());
}

double score_of(const Track& track) {
  return track.frames ? track.score_sum / track.frames : 0.0;
}

void see(Track& track, double score, const std::vector<float>& class_probabilities) {
  ++track.frames;
  track.score_sum += score;
  for (size_t i = 0; i < track.class_sums.size(); ++i) {
    track.class_sums[i] += class_probabilities[i];
  }
}

Continuation continue_tracks(const std::vector<Track>& tracks,
                             const std::vector<Candidate>& candidates, int born,
                             const TrackingSettings& settings) {
  const std::vector<int> pairs = match(tracks, candidates, settings.similarity);
  Continuation after{{}, {}, std::vector<int>(candidates.size(), kNone), born};
  for (size_t i = 0; i < tracks.size(); ++i) {
    const auto pair = std::find(pairs.begin(), pairs.end(), static_cast<int>(i));
    keep_or_forget(after, tracks[i], pair != pairs.end(), settings.memory);
    if (pair == pairs.end()) continue;
    const size_t candidate = pair - pairs.begin();
    after.tracks.back().kernel = candidates[candidate].kernel;
    after.identities[candidate] = tracks[i].identity;
  }
  const auto birth = static_cast<float>(settings.birth);
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (after.identities[i] != kNone || candidates[i].score < birth) continue;
    after.identities[i] = ++after.born;
    after.tracks.push_back(begun(after.born, candidates[i]));
  }
  return after;
}
