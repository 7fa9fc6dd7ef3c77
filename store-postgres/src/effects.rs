//! Conditions and effects in the form in which they travel to the server.

use annals_core::store::{Append, Criterion, Effect};
use serde_json::{Value, json};
use sqlx::types::Uuid;

/// The criteria of the condition of an append, for the function `append`, if it has one.
pub(crate) fn criteria(append: &Append) -> Option<String> {
    append.condition.as_ref().map(|condition| {
        let after = condition.after.position.as_i64();
        let criterion = |criterion: &Criterion| {
            json!({
                "after": after,
                "tags": criterion.tags(),
                "names": criterion.names().iter().map(|name| name.as_str()).collect::<Vec<_>>(),
                "categories": criterion.categories().iter().map(|category| category.as_str()).collect::<Vec<_>>(),
                "system": criterion.includes_system(),
            })
        };
        condition.filter.criteria().iter().map(criterion).collect::<Value>().to_string()
    })
}

/// The effects of an append, for the function `append`, if it has some.
pub(crate) fn effects(append: &Append) -> Option<String> {
    let row = |(effect, place): (&Effect, u32)| {
        let mut row = row(effect);
        row["number"] = json!(place);
        row
    };
    (!append.effects.is_empty()).then(|| append.effects.iter().zip(1..).map(row).collect::<Value>().to_string())
}

fn row(effect: &Effect) -> Value {
    let uuid = |bytes: &[u8; 16]| Uuid::from_bytes(*bytes);
    match effect {
        Effect::Enqueue(message) => json!({
            "kind": "enqueue",
            "queue": message.queue.as_str(),
            "id": message.id.as_uuid(),
            "key": message.key,
            "encoding": message.payload.encoding.number(),
            "metadata": hex(message.metadata.as_bytes()),
            "payload": hex(&message.payload.data),
        }),
        Effect::SetTimer(timer) => json!({
            "kind": "timer",
            "owner": uuid(timer.owner.key().as_bytes()),
            "name": timer.name,
            "due": timer.due.as_micros(),
            "tenant": timer.owner.tenant().as_str(),
            "category": timer.owner.category().as_str(),
            "stream": timer.owner.id(),
        }),
        Effect::CancelTimer { owner, name } => json!({ "kind": "timer", "owner": uuid(owner.key().as_bytes()), "name": name }),
        Effect::MarkInbox { consumer, message } => {
            json!({ "kind": "mark", "consumer": consumer.as_str(), "message": message.as_uuid() })
        }
        Effect::ReserveKey { key, owner } | Effect::ReleaseKey { key, owner } => json!({
            "kind": if matches!(effect, Effect::ReserveKey { .. }) { "reserve" } else { "release" },
            "tenant": key.tenant().as_str(),
            "scope": key.scope(),
            "key": key.key(),
            "owner_tenant": owner.tenant().as_str(),
            "owner_category": owner.category().as_str(),
            "owner_stream": owner.id(),
        }),
        // `unsupported` has refused it before.
        _ => json!({ "kind": "unknown" }),
    }
}

/// Whether an effect can refuse its append, or stands in order with those that can.
pub(crate) const fn can_refuse(effect: &Effect) -> bool {
    matches!(effect, Effect::MarkInbox { .. } | Effect::ReserveKey { .. } | Effect::ReleaseKey { .. })
}

/// The effect of an append that this store does not know, if there is one: a newer core has more.
pub(crate) fn unsupported(append: &Append) -> Option<&Effect> {
    append.effects.iter().find(|effect| {
        !matches!(
            effect,
            Effect::Enqueue(_)
                | Effect::SetTimer(_)
                | Effect::CancelTimer { .. }
                | Effect::MarkInbox { .. }
                | Effect::ReserveKey { .. }
                | Effect::ReleaseKey { .. }
        )
    })
}

/// Bytes as a text that `decode(…, 'hex')` reads.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).map(char::from).collect()
}
