//! A projection in SQL, under the lints of the crate.

use annals::sqlite::{Error as SqlError, Transaction};
use annals::{EventContext, projection};

use super::domain::OrderEvent;

/// What was taken in, by customer.
#[derive(Clone, Copy, Debug)]
pub struct Sales;

#[projection(sqlite)]
impl Sales {
    #[setup]
    fn tables(tx: &Transaction<'_>) -> Result<(), SqlError> {
        tx.execute_batch("drop table if exists sale; create table sale (customer text not null) strict")
    }

    #[on]
    fn order(&self, event: &OrderEvent, tx: &Transaction<'_>, _context: &EventContext<'_>) -> Result<(), SqlError> {
        if let OrderEvent::Placed { customer, .. } = event {
            let _one = tx.execute("insert into sale values (?1)", [customer])?;
        }
        Ok(())
    }
}
