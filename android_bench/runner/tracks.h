#pragma once

#include <vector>

#include "selection.h"
#include "tracking_job.h"

// Tracks across keyframes: continued, born, lost, found again, forgotten. As
// mobileinst_deploy/tracking/tracks.py does it.

struct Track {
  int identity;               // from 1, in the order of birth
  std::vector<float> kernel;  // [D], of the last keyframe that saw it
  int missed;                 // keyframes since then
  int frames;                 // in which it had pixels
  double score_sum;           // over these frames
  std::vector<double> class_sums;  // [C], of the class probabilities over these frames
};

int label_of(const Track& track);     // the class of the largest sum
double score_of(const Track& track);  // 0..1, its average

// With one more frame in its averages.
void see(Track& track, double score, const std::vector<float>& class_probabilities);

// What a keyframe makes of the tracks.
struct Continuation {
  std::vector<Track> tracks;     // all that are remembered, the oldest first
  std::vector<Track> forgotten;  // now
  std::vector<int> identities;   // of each candidate; kNone where it is dropped
  int born;                      // identities given so far
};

// Associates the candidates with all remembered tracks, lost ones too. A candidate without a track
// begins one where its score reaches the birth threshold, and is dropped where not. A track without
// a candidate is lost, and forgotten after `memory` keyframes.
Continuation continue_tracks(const std::vector<Track>& tracks,
                             const std::vector<Candidate>& candidates, int born,
                             const TrackingSettings& settings);
