// The notices of an organization on the wire.
#pragma once

#include "api/field_reader.h"
#include "base/json.h"
#include "net/address_guard.h"
#include "rooms/notify/notice_book.h"

namespace punkt::notify {

/// What this Punkt can send to.
struct Reach {
    net::AddressGuard guard = {};  // private addresses are refused when it does not allow them
    bool has_mail = false;         // without a mail server an e-mail address is refused
};

/// {"notification_webhook_url","notification_email","notify_on_failure","notify_on_recovery"}
void write_settings(json::Writer& writer, const NoticeSettings& settings);

/// What a request changes of `settings`; what is wrong is noted in `fields`.
void read_settings(api::FieldReader& fields, const Reach& reach, NoticeSettings& settings);

}  // namespace punkt::notify
