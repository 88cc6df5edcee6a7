#pragma once

#include <cstdint>
#include <optional>

// Frames as a camera delivers them: frame arrivals lie on a grid that starts with the first frame
// and never moves. A frame has to be done when the next one arrives; where it isn't, the frames
// that arrived meanwhile are lost, and the next one starts with the next arrival.

struct Pace {                            // all empty where frames are not paced
  std::optional<int64_t> slot;           // the arrival's number; gaps are frames that were lost
  std::optional<int64_t> start_late_ns;  // from the arrival to the start: the system's own delay
  std::optional<int64_t> late_ns;        // from the deadline to the end; below 0: was left
  std::optional<bool> missed;            // the deadline
};

class Pacer {
 public:
  explicit Pacer(double fps);
  void wait();    // for the next arrival
  Pace finish();  // right behind the frame's end

 private:
  int64_t due_ns(int64_t slot) const;

  double period_ns_;
  int64_t origin_ns_;
  int64_t slot_ = 0;
  int64_t started_ns_ = 0;
};
