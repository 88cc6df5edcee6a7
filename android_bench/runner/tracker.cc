#include "tracker.h"

#include <algorithm>

#include "assignment.h"
#include "masks.h"
#include "report.h"

std::vector<Sighting> Tracker::see_keyframe(const Prediction& prediction) {
  const auto threshold = static_cast<float>(settings_.score);
  const std::vector<Candidate> candidates =
      select(prediction, threshold, count_, settings_.duplicate);
  Continuation after = continue_tracks(tracks_, candidates, born_, settings_);
  tracks_ = std::move(after.tracks);
  forgotten_.insert(forgotten_.end(), after.forgotten.begin(), after.forgotten.end());
  born_ = after.born;
  live_.clear();
  std::vector<const float*> logits;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (after.identities[i] == kNone) continue;
    live_.push_back({after.identities[i], candidates[i]});
    logits.push_back(prediction.mask_logits.row(candidates[i].query));
  }
  return sight(logits, prediction.mask_logits.w);
}

std::vector<Sighting> Tracker::see_reuse(const ncnn::Mat& mask_logits) {
  std::vector<const float*> logits;
  for (size_t i = 0; i < live_.size(); ++i) {
    logits.push_back(mask_logits.row(static_cast<int>(i)));
  }
  return sight(logits, mask_logits.w);
}

std::vector<Sighting> Tracker::sight(const std::vector<const float*>& logits, int cells) {
  std::vector<Sighting> sightings;
  double sum = 0;
  for (size_t i = 0; i < live_.size(); ++i) {
    SureMask mask = sure_mask(logits[i], cells, static_cast<float>(settings_.mask));
    sum += mask.confidence;
    if (mask.confidence == 0) continue;
    const Candidate& kernel = live_[i].candidate;
    Track& track = track_of(live_[i].identity);
    see(track, kernel.score * mask.confidence, kernel.class_probabilities);
    sightings.push_back(
        {track.identity, label_of(track), score_of(track), std::move(mask.probabilities)});
  }
  confidence_ = live_.empty() ? 0.0 : sum / static_cast<double>(live_.size());
  return sightings;
}

Track& Tracker::track_of(int identity) {
  return *std::find_if(tracks_.begin(), tracks_.end(),
                       [&](const Track& track) { return track.identity == identity; });
}

ncnn::Mat Tracker::live_kernels() const {
  ncnn::Mat kernels(static_cast<int>(live_[0].candidate.kernel.size()), count_);
  if (kernels.empty()) fail(kRun, "no memory for the live kernels");
  kernels.fill(0.0f);
  for (size_t i = 0; i < live_.size(); ++i) {
    const std::vector<float>& kernel = live_[i].candidate.kernel;
    std::copy(kernel.begin(), kernel.end(), kernels.row(static_cast<int>(i)));
  }
  return kernels;
}

std::vector<Track> Tracker::every_track() const {
  std::vector<Track> every = tracks_;
  every.insert(every.end(), forgotten_.begin(), forgotten_.end());
  const auto is_unseen = [](const Track& track) { return track.frames == 0; };
  every.erase(std::remove_if(every.begin(), every.end(), is_unseen), every.end());
  std::sort(every.begin(), every.end(),
            [](const Track& a, const Track& b) { return a.identity < b.identity; });
  return every;
}
