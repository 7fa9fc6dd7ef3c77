//! What an append touches, by which it is told which appends can be on their way at the same time.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use annals_core::StreamKey;
use annals_core::store::{Append, Effect, Timer};
use sha2::{Digest, Sha256};

/// How many buckets there are for locks on tags and on rows of effects: few, so that they leave room in the lock table of the
/// server. Behind them come those for streams, of which there are fewer, because every append takes one for each of its streams.
const BUCKETS: u32 = 1_024;

/// The identity of something that appends touch. Two things may have the same one: then an append waits without need.
type Thing = u64;

/// What an append touches.
pub(crate) struct Footprint {
    /// Streams, and rows of effects: within a batch one append follows another here; in different batches they would
    /// be in each other's way.
    rows: Vec<Thing>,
    /// Tags of its events.
    written: Vec<Thing>,
    /// Tags of its condition, and its own id: what an append with these writes must be committed before it is checked.
    asked: Vec<Thing>,
    /// Locks that it takes in the database, and whether it takes them alone.
    pub(crate) locks: Vec<(i32, bool)>,
}

impl Footprint {
    pub(crate) fn of(append: &Append) -> Self {
        let mut footprint = Self { rows: Vec::new(), written: Vec::new(), asked: Vec::new(), locks: Vec::new() };
        let id = thing("append", append.id.as_bytes());
        footprint.written.push(id);
        footprint.asked.push(id);
        for part in &append.streams {
            let key = part.stream.key();
            footprint.rows.push(thing("stream", key.as_bytes()));
            // Who checks a stream without writing to it waits for those who write there, and they for it: else it would
            // be stored behind events that it has not seen.
            footprint.locks.push((stream_bucket(key), part.events.is_empty()));
        }
        for tag in append.events().flat_map(|(_, event)| &event.tags) {
            footprint.written.push(thing("tag", tag.as_str()));
            footprint.locks.push((bucket("tag", tag.as_str().as_bytes()), false));
        }
        let criteria = append.condition.iter().flat_map(|condition| condition.filter.criteria());
        for tag in criteria.flat_map(|criterion| criterion.tags()) {
            footprint.asked.push(thing("tag", tag.as_str()));
            footprint.locks.push((bucket("tag", tag.as_str().as_bytes()), true));
        }
        for effect in &append.effects {
            footprint.add_row(effect);
        }
        footprint
    }

    /// The row that an effect changes and another append may change too.
    ///
    /// What removes a row does not see one that another process is about to commit, so whoever changes it locks it first.
    fn add_row(&mut self, effect: &Effect) {
        match effect {
            Effect::SetTimer(Timer { owner, name, .. }) | Effect::CancelTimer { owner, name } => {
                self.rows.push(thing("timer", (owner.key().as_bytes(), name)));
                self.locks.push((bucket("timer", &[owner.key().as_bytes(), name.as_bytes()].concat()), true));
            }
            Effect::ReserveKey { key, .. } | Effect::ReleaseKey { key, .. } => {
                self.rows.push(thing("key", (key.tenant().as_str(), key.scope(), key.key())));
                self.locks.push((bucket("key", [key.tenant().as_str(), key.scope(), key.key()].join("\0").as_bytes()), true));
            }
            // A mark is never removed.
            Effect::MarkInbox { consumer, message } => self.rows.push(thing("mark", (consumer.as_str(), message.as_bytes()))),
            // The same message twice is one message, in whatever order.
            _ => {}
        }
    }
}

fn thing(kind: &str, name: impl Hash) -> Thing {
    let mut hasher = DefaultHasher::new();
    (kind, name).hash(&mut hasher);
    hasher.finish()
}

/// The number of a lock. Every program must come to the same one, so it is not that of Rust's hasher.
fn bucket(kind: &str, name: &[u8]) -> i32 {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(name).finalize();
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % BUCKETS;
    number.cast_signed()
}

/// The number of the lock of a stream, whose key is evenly spread as it is: its last byte makes one of 256.
fn stream_bucket(key: StreamKey) -> i32 {
    BUCKETS.cast_signed() + i32::from(key.as_bytes()[15])
}

/// Puts the locks of a batch together: in ascending order, each once.
pub(crate) fn merge_locks<'a>(footprints: impl Iterator<Item = &'a Footprint>) -> BTreeMap<i32, bool> {
    let mut locks = BTreeMap::new();
    for &(bucket, is_exclusive) in footprints.flat_map(|footprint| &footprint.locks) {
        *locks.entry(bucket).or_default() |= is_exclusive;
    }
    locks
}

/// What appends touch that are on their way, or that wait and must not be overtaken.
#[derive(Default)]
pub(crate) struct Touched {
    rows: HashMap<Thing, usize>,
    written: HashMap<Thing, usize>,
    asked: HashMap<Thing, usize>,
}

impl Touched {
    pub(crate) fn add(&mut self, footprint: &Footprint) {
        for (things, counts) in self.counts(footprint) {
            things.iter().for_each(|thing| *counts.entry(*thing).or_default() += 1);
        }
    }

    pub(crate) fn remove(&mut self, footprint: &Footprint) {
        for (things, counts) in self.counts(footprint) {
            for thing in things {
                if let Some(count) = counts.get_mut(thing) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(thing);
                    }
                }
            }
        }
    }

    fn counts<'a>(&mut self, footprint: &'a Footprint) -> [(&'a [Thing], &mut HashMap<Thing, usize>); 3] {
        [(&footprint.rows, &mut self.rows), (&footprint.written, &mut self.written), (&footprint.asked, &mut self.asked)]
    }

    /// Whether an append has to wait until these are done, because they are in other batches.
    pub(crate) fn is_in_the_way_of(&self, footprint: &Footprint) -> bool {
        footprint.rows.iter().any(|row| self.rows.contains_key(row))
            || self.keeps_apart(footprint)
            // Their locks would exclude each other.
            || footprint.asked.iter().any(|tag| self.asked.contains_key(tag))
    }

    /// Whether an append cannot be in one batch with these: conditions are checked against what is committed.
    pub(crate) fn keeps_apart(&self, footprint: &Footprint) -> bool {
        footprint.asked.iter().any(|tag| self.written.contains_key(tag))
            || footprint.written.iter().any(|tag| self.asked.contains_key(tag))
    }
}

#[cfg(test)]
mod tests {
    use annals_core::StreamId;

    use super::*;

    fn footprint(rows: &[Thing], written: &[Thing], asked: &[Thing]) -> Footprint {
        Footprint { rows: rows.to_vec(), written: written.to_vec(), asked: asked.to_vec(), locks: Vec::new() }
    }

    fn touched(footprint: &Footprint) -> Touched {
        let mut touched = Touched::default();
        touched.add(footprint);
        touched
    }

    #[test]
    fn appends_to_one_stream_follow_one_another_in_a_batch_and_wait_for_another() {
        let stream = touched(&footprint(&[1], &[], &[]));
        assert!(!stream.keeps_apart(&footprint(&[1], &[], &[])));
        assert!(stream.is_in_the_way_of(&footprint(&[1], &[], &[])));
        assert!(!stream.is_in_the_way_of(&footprint(&[2], &[], &[])));
    }

    #[test]
    fn a_condition_and_what_it_asks_for_are_never_on_their_way_together() {
        for (one, other) in
            [(footprint(&[], &[7], &[]), footprint(&[], &[], &[7])), (footprint(&[], &[], &[7]), footprint(&[], &[7], &[]))]
        {
            assert!(touched(&one).keeps_apart(&other) && touched(&one).is_in_the_way_of(&other));
        }
        let writes = footprint(&[], &[7], &[]);
        assert!(!touched(&writes).is_in_the_way_of(&footprint(&[], &[7], &[])), "writers of a tag do not wait");
    }

    #[test]
    fn what_is_done_is_in_nobodys_way() {
        let (one, other) = (footprint(&[1], &[2], &[3]), footprint(&[1], &[2], &[3]));
        let mut both = touched(&one);
        both.add(&other);
        both.remove(&one);
        assert!(both.is_in_the_way_of(&one));
        both.remove(&other);
        assert!(!both.is_in_the_way_of(&one) && both.rows.is_empty() && both.written.is_empty() && both.asked.is_empty());
    }

    #[test]
    fn locks_are_taken_once_and_in_order() {
        let mut one = footprint(&[], &[], &[]);
        one.locks = vec![(5, false), (3, false)];
        let mut other = footprint(&[], &[], &[]);
        other.locks = vec![(5, true), (4, false)];
        let merged: Vec<_> = merge_locks([&one, &other].into_iter()).into_iter().collect();
        assert_eq!(merged, [(3, false), (4, false), (5, true)]);
    }

    #[test]
    fn the_buckets_of_tags_and_streams_are_for_ever() {
        // Programs of different versions lock against one another: a number that changes unlocks the door.
        assert_eq!(bucket("tag", b"order:1"), 548);
        assert_eq!(stream_bucket(StreamId::new("order", "1").unwrap().key()), 1_233);
    }
}
