// How Qron's clients are told what went wrong: NestJS's shape. Source: qron.md §2.
#pragma once

#include "api/problem.h"

namespace punkt::qron {

/// {"message","error","statusCode"}, in this order. Field errors become an array of their messages (400).
net::HttpReply problem(const Error& error);

}  // namespace punkt::qron
