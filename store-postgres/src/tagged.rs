//! Events that are found by their tags.

use annals_core::{Position, Tag};
use futures_util::TryStreamExt;
use sqlx::Row;

use crate::error::Result;
use crate::read::Filling;
use crate::row::{limit, place};

/// Events of a criterion that are taken from the index of one tag at a time.
const CANDIDATES: usize = 512;

/// Where the column is that says how far the candidates are all there are.
const REACH: usize = 14;

/// One step along the tags of all criteria. Returns how far it came.
pub(crate) async fn follow(page: &mut Filling<'_>, after: Position, horizon: Position) -> Result<Position> {
    let (mut tags, mut numbers) = (Vec::new(), Vec::new());
    for (criterion, number) in page.read.filter.criteria().iter().zip(0_i32..) {
        tags.extend(criterion.tags().iter().map(Tag::as_str));
        numbers.resize(tags.len(), number);
    }
    let most = CANDIDATES.min(page.read.size.max_events());
    let bytes = page.left().max(1);
    let statement = page.store.statements.read_tagged.query();
    let mut rows = statement
        .bind(tags)
        .bind(numbers)
        .bind(after.as_i64())
        .bind(horizon.as_i64())
        .bind(limit(most))
        .bind(limit(bytes))
        .fetch(&page.store.pool);
    let (mut last, mut reach, mut received) = (after, horizon, 0);
    while let Some(row) = rows.try_next().await? {
        (last, reach) = (place(row.try_get(0)?)?, place(row.try_get(REACH)?)?);
        // Of an event that is archived only the place is left.
        if row.try_get::<Option<i64>, _>(1)?.is_some() {
            let (event, size) = page.arena.event(&row)?;
            received += size;
            if page.take(event, size) {
                return Ok(last);
            }
        }
    }
    Ok(if received >= bytes { last } else { reach })
}
