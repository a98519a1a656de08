// Every limit that has no owner of its own, with its unit. Source: contract "Limits of size", accounts.md §5.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace punkt::limits {

using namespace std::chrono_literals;

constexpr std::size_t body_bytes_default = 256 * 1024;
constexpr std::size_t body_bytes_ceiling = 64 * 1024 * 1024;
constexpr std::size_t response_stored_bytes = 262'144;
constexpr std::string_view truncation_mark = "... [truncated]";
constexpr std::size_t url_bytes = 8 * 1024;
constexpr std::size_t headers_count = 100;
constexpr std::size_t header_name_bytes = 256;
constexpr std::size_t header_value_bytes = 8 * 1024;
constexpr std::size_t name_bytes = 255;
constexpr std::size_t queue_bytes = 255;
constexpr std::size_t cron_bytes = 256;
constexpr int retries_max = 10;
constexpr int ladder_steps_max = 32;
constexpr std::chrono::milliseconds timeout_default = 30s;
constexpr std::chrono::milliseconds timeout_min = 1s;
constexpr std::chrono::milliseconds timeout_max = 300s;
constexpr std::chrono::milliseconds retry_delay_max = 24h;
constexpr std::chrono::milliseconds retry_after_max = 1h;
constexpr std::chrono::hours delay_max = 100 * 365 * 24h;
constexpr int redirects_max = 10;
constexpr int batch_items_default = 1'000;
constexpr int batch_items_ceiling = 10'000;
constexpr std::size_t tags_count = 20;
constexpr std::size_t tag_characters = 64;
constexpr std::size_t metadata_bytes = 4 * 1024;
constexpr std::size_t metadata_members = 50;
constexpr std::size_t key_characters = 255;  // of a task, and of dedupe, debounce and throttle
constexpr std::chrono::hours once_window_max = 30 * 24h;
constexpr int throttle_count_max = 1'000;
constexpr int page_default = 50;
constexpr int page_max = 100;
constexpr int catch_up_runs_max = 100;

}  // namespace punkt::limits
