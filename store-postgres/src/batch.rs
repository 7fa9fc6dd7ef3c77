//! A batch of appends as the arguments of the function `append`.

use annals_core::store::StreamAppend;
use annals_core::{ExpectedVersion, NewEvent, Tag};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Uuid;
use std::collections::HashMap;

use crate::effects;
use crate::footprint::merge_locks;
use crate::sql::Statement;
use crate::unit::Unit;

/// The columns of a batch: one element an append, a part or an event.
#[derive(Default)]
struct Columns<'a> {
    append_id: Vec<Uuid>,
    is_conditional: Vec<bool>,
    can_refuse: Vec<bool>,
    part_append: Vec<i32>,
    part_key: Vec<Uuid>,
    part_tenant: Vec<&'a str>,
    part_category: Vec<&'a str>,
    part_stream: Vec<&'a str>,
    part_expected: Vec<i64>,
    part_events: Vec<i32>,
    part_previous: Vec<i32>,
    event_part: Vec<i32>,
    event_offset: Vec<i32>,
    event_ordinal: Vec<i32>,
    event_id: Vec<Uuid>,
    event_name: Vec<&'a str>,
    event_version: Vec<i64>,
    event_encoding: Vec<i32>,
    event_tags: Vec<Option<String>>,
    event_metadata: Vec<&'a [u8]>,
    event_payload: Vec<&'a [u8]>,
    conditions: Vec<Option<&'a str>>,
    effects: Vec<Option<&'a str>>,
}

/// The statement that appends a batch, with its arguments. `look_for_known`: some may be stored already.
pub(crate) fn query<'a>(
    statement: &Statement,
    units: impl Iterator<Item = &'a Unit> + Clone,
    look_for_known: bool,
) -> Query<'static, Postgres, PgArguments> {
    let mut columns = Columns::default();
    let mut last_part = HashMap::new();
    for unit in units.clone() {
        columns.add(unit, &mut last_part);
    }
    let (buckets, exclusive): (Vec<_>, Vec<_>) = merge_locks(units.map(|unit| &unit.footprint)).into_iter().unzip();
    let json = |values: Vec<Option<&'a str>>| values.iter().any(Option::is_some).then_some(values);
    statement
        .query()
        .bind(columns.append_id)
        .bind(columns.is_conditional)
        .bind(columns.can_refuse)
        .bind(look_for_known)
        .bind(buckets)
        .bind(exclusive)
        .bind(columns.part_append)
        .bind(columns.part_key)
        .bind(columns.part_tenant)
        .bind(columns.part_category)
        .bind(columns.part_stream)
        .bind(columns.part_expected)
        .bind(columns.part_events)
        .bind(columns.part_previous)
        .bind(columns.event_part)
        .bind(columns.event_offset)
        .bind(columns.event_ordinal)
        .bind(columns.event_id)
        .bind(columns.event_name)
        .bind(columns.event_version)
        .bind(columns.event_encoding)
        .bind(columns.event_tags)
        .bind(columns.event_metadata)
        .bind(columns.event_payload)
        .bind(json(columns.conditions))
        .bind(json(columns.effects))
}

/// The statement that appends one event to one stream, with its arguments. None: the append is more than that.
pub(crate) fn single(
    statement: &Statement,
    Unit { append, footprint, .. }: &Unit,
) -> Option<Query<'static, Postgres, PgArguments>> {
    let [StreamAppend { stream, expected, events }] = append.streams.as_slice() else { return None };
    let [event] = events.as_slice() else { return None };
    if append.condition.is_some() || !append.effects.is_empty() {
        return None;
    }
    // Without a condition they are all shared.
    let buckets: Vec<_> = merge_locks(std::iter::once(footprint)).into_keys().collect();
    let query = statement
        .query()
        .bind(append.id.as_uuid())
        .bind(buckets)
        .bind(Uuid::from_bytes(*stream.key().as_bytes()))
        .bind(stream.tenant().as_str())
        .bind(stream.category().as_str())
        .bind(stream.id())
        .bind(number_of(*expected))
        .bind(event.id.as_uuid())
        .bind(event.name.as_str())
        .bind(i64::from(event.schema_version))
        .bind(i32::from(event.payload.encoding.number()))
        .bind(tags_literal(&event.tags))
        .bind(&event.metadata.as_bytes()[..])
        .bind(&event.payload.data[..]);
    Some(query)
}

impl<'a> Columns<'a> {
    fn add(&mut self, unit: &'a Unit, last_part: &mut HashMap<[u8; 16], i32>) {
        let append = &unit.append;
        self.append_id.push(append.id.as_uuid());
        self.is_conditional.push(append.condition.is_some());
        self.can_refuse.push(append.effects.iter().any(effects::can_refuse));
        let number = self.append_id.len();
        let mut ordinal = 0;
        for StreamAppend { stream, expected, events } in &append.streams {
            let key = *stream.key().as_bytes();
            self.part_append.push(count(number));
            self.part_key.push(Uuid::from_bytes(key));
            self.part_tenant.push(stream.tenant().as_str());
            self.part_category.push(stream.category().as_str());
            self.part_stream.push(stream.id());
            self.part_expected.push(number_of(*expected));
            self.part_events.push(count(events.len()));
            let part = count(self.part_append.len());
            self.part_previous.push(last_part.insert(key, part).unwrap_or(0));
            for (event, offset) in events.iter().zip(1..) {
                self.event_part.push(part);
                self.event_offset.push(offset);
                self.event_ordinal.push(ordinal);
                ordinal += 1;
                self.add_event(event);
            }
        }
        self.conditions.push(unit.condition.as_deref());
        self.effects.push(unit.effects.as_deref());
    }

    fn add_event(&mut self, event: &'a NewEvent) {
        self.event_id.push(event.id.as_uuid());
        self.event_name.push(event.name.as_str());
        self.event_version.push(i64::from(event.schema_version));
        self.event_encoding.push(i32::from(event.payload.encoding.number()));
        self.event_tags.push(tags_literal(&event.tags));
        self.event_metadata.push(event.metadata.as_bytes());
        self.event_payload.push(&event.payload.data);
    }
}

/// Limits keep every count of an append far below what an `i32` holds.
fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// What the function `append` takes for an expectation.
fn number_of(expected: ExpectedVersion) -> i64 {
    match expected {
        ExpectedVersion::Any => -1,
        ExpectedVersion::Exists => -2,
        ExpectedVersion::NoStream => 0,
        ExpectedVersion::Exact(version) => version.as_i64(),
    }
}

/// Tags as the literal of an array of texts: in ascending order, each once; none for no tags.
fn tags_literal(tags: &[Tag]) -> Option<String> {
    if tags.is_empty() {
        return None;
    }
    let mut sorted: Vec<_> = tags.iter().map(Tag::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut literal = String::from("{");
    for (tag, is_first) in sorted.into_iter().zip(std::iter::once(true).chain(std::iter::repeat(false))) {
        literal.push_str(if is_first { "\"" } else { ",\"" });
        for character in tag.chars() {
            if matches!(character, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(character);
        }
        literal.push('"');
    }
    literal.push('}');
    Some(literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_quoted_sorted_and_unique() {
        let tags: Vec<_> = ["b:1", "a:x\"y\\z, {}", "b:1", "a:NULL"].iter().map(|tag| Tag::parse(tag).unwrap()).collect();
        assert_eq!(tags_literal(&tags).as_deref(), Some(r#"{"a:NULL","a:x\"y\\z, {}","b:1"}"#));
        assert_eq!(tags_literal(&[]), None);
    }
}
