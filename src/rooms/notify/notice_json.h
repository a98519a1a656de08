// The notices of an organization on the wire.
#pragma once

#include "api/field_reader.h"
#include "base/json.h"
#include "net/address_guard.h"
#include "rooms/notify/notice_book.h"

namespace punkt::notify {

/// {"notification_webhook_url","notify_on_failure","notify_on_recovery"}
void write_settings(json::Writer& writer, const NoticeSettings& settings);

/// What a request changes of `settings`; what is wrong is noted in `fields`. `guard` knows which addresses are refused.
void read_settings(api::FieldReader& fields, const net::AddressGuard& guard, NoticeSettings& settings);

}  // namespace punkt::notify
