//! The schemas of what V1 answers.

use super::schemas::{list, nullable, nullable_text, object, reference, text};
use serde_json::{Map, Value, json};

/// All of them.
pub(super) fn all() -> Map<String, Value> {
    let schemas = json!({
        "V1Id": object(json!({ "server": text("c.us"), "user": text("5511999999999"), "_serialized": text("5511999999999@c.us") })),
        "V1Contact": object(json!({
            "id": reference("V1Id"), "name": nullable_text(), "shortName": nullable_text(), "pushname": nullable_text(),
            "verifiedName": nullable_text(), "formattedName": { "type": "string" }, "type": { "type": "string" },
            "isBusiness": { "type": "boolean" }, "isEnterprise": { "type": "boolean" }, "isMe": { "type": "boolean" },
            "isMyContact": { "type": "boolean" }, "isPSA": { "type": "boolean" }, "isUser": { "type": "boolean" },
            "isWAContact": { "type": "boolean" }, "profilePicThumbObj": { "type": "object" }, "msgs": { "type": "null" },
            "pn": nullable_text(), "lid": nullable_text(),
        })),
        "V1Message": object(json!({
            "id": text("false_5511999999999@c.us_3EB0"), "body": { "type": "string" }, "type": text("chat"),
            "t": { "type": "integer" }, "from": { "type": "string" }, "to": { "type": "string" }, "author": nullable_text(),
            "ack": { "type": "integer", "minimum": -1, "maximum": 4 }, "notifyName": nullable_text(), "mimetype": nullable_text(),
            "mediaKey": nullable_text(), "directPath": nullable_text(), "isMedia": { "type": "boolean" },
            "isGroupMsg": { "type": "boolean" }, "fromMe": { "type": "boolean" }, "sender": reference("V1Contact"),
            "chatId": { "type": "string" }, "timestamp": { "type": "integer" }, "quotedMsg": nullable(json!({ "type": "object" })),
            "caption": nullable_text(), "filename": nullable_text(), "size": nullable(json!({ "type": "integer" })),
            "pn": nullable_text(), "lid": nullable_text(),
        })),
        "V1Chat": object(json!({
            "id": reference("V1Id"), "t": nullable(json!({ "type": "integer" })), "unreadCount": { "type": "integer", "minimum": -1 },
            "archive": { "type": "boolean" }, "muteExpiration": { "type": "integer" }, "name": nullable_text(),
            "pin": { "type": "integer" }, "kind": { "enum": ["chat", "group", "broadcast", "newsletter"] },
            "isGroup": { "type": "boolean" }, "isBroadcast": { "type": "boolean" }, "isUser": { "type": "boolean" },
            "contact": reference("V1Contact"), "groupMetadata": nullable(json!({ "type": "object" })),
            "presence": { "type": "null" }, "msgs": nullable(list(reference("V1Message"))),
        })),
    });
    schemas.as_object().cloned().unwrap_or_default()
}
