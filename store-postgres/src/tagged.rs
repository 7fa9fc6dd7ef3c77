//! Events that are found by their tags.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use annals_core::store::Criterion;
use annals_core::{Position, RecordedEvent, Tag};
use sqlx::Row;

use crate::error::Result;
use crate::read::Filling;
use crate::row::{limit, place};

/// Events that are taken from the index of one tag at a time.
const CANDIDATES: usize = 512;

/// One step along the tags of all criteria. Returns how far it came.
pub(crate) async fn follow(page: &mut Filling<'_>, after: Position, horizon: Position) -> Result<Position> {
    let mut reached = horizon;
    let mut candidates: BTreeMap<Position, (RecordedEvent, usize)> = BTreeMap::new();
    for criterion in page.read.filter.criteria() {
        reached = reached.min(follow_one(page, criterion, after, reached, &mut candidates).await?);
    }
    for (position, (event, size)) in candidates.range(..=reached) {
        if page.take(event.clone(), *size) {
            return Ok(*position);
        }
    }
    Ok(reached)
}

/// Finds what the tags of one criterion lead to. Returns how far that is all there is.
async fn follow_one(
    page: &mut Filling<'_>,
    criterion: &Criterion,
    after: Position,
    up_to: Position,
    found: &mut BTreeMap<Position, (RecordedEvent, usize)>,
) -> Result<Position> {
    let most = CANDIDATES.min(page.read.size.max_events());
    let tags: Vec<_> = criterion.tags().iter().map(Tag::as_str).collect();
    let query = page.store.statements.read_tagged.query();
    let query = query.bind(tags).bind(after.as_i64()).bind(up_to.as_i64()).bind(limit(most));
    let rows = query.fetch_all(&page.store.pool).await?;
    for row in &rows {
        let position = place(row.try_get(0)?)?;
        if let Entry::Vacant(place) = found.entry(position) {
            place.insert(page.arena.event(row)?);
        }
    }
    match rows.last() {
        Some(row) if rows.len() >= most => place(row.try_get(0)?),
        _ => Ok(up_to),
    }
}
