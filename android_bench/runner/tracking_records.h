#pragma once

#include <string_view>

#include "record_fields.h"

// The records of a clip to track. They fail with kLoad, as all records do.
void fill_tracking(Job& job, const Record& record);
void fill_preprocessing(Job& job, const Record& record);
void fill_state(Job& job, const Record& record);
void fill_clip(Job& job, const Record& record);
void fill_picture(Job& job, const Record& record);

// The first setting that the job does not say; empty where it says all.
std::string_view missing_setting(const TrackingSettings& settings);
