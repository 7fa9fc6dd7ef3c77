//! What code of the user's may do on a connection of the store: nothing to what is Annals' own.
//!
//! SQLite asks an authorizer about each statement when it is prepared. It stays on the connection, because putting it on and
//! off would have every statement prepared anew; it lets everything pass while no guest is there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// The tables and views of a store, which guests may only read.
pub(crate) const OURS: [&str; 12] =
    ["word", "stream", "event", "event_tag", "log", "timer", "outbox", "inbox", "reserved_key", "view", "document", "readable"];

/// What the names of tables start with that a later format may bring.
const PREFIX: &str = "annals_";

/// The savepoint that a guest's statements are taken back to.
const SAVEPOINT: &str = "annals_guest";

/// The pragmas that only tell something, or that SQLite itself uses.
const PRAGMAS: [&str; 12] = [
    "data_version",
    "foreign_key_check",
    "foreign_key_list",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

#[derive(Default)]
struct State {
    is_guest: AtomicBool,
    refused: Mutex<Option<String>>,
}

impl State {
    fn refused(&self) -> MutexGuard<'_, Option<String>> {
        // It is set and taken as a whole, so it is whole whatever happened to another thread.
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(&self, action: AuthAction<'_>) -> Authorization {
        if !self.is_guest.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        match objection(action) {
            None => Authorization::Allow,
            Some(objection) => {
                self.refused().get_or_insert(objection);
                Authorization::Deny
            }
        }
    }
}

/// What stands on a connection and looks at the statements of guests.
#[derive(Clone)]
pub(crate) struct Guard(Arc<State>);

impl Guard {
    /// Puts a guard on a connection.
    pub(crate) fn on(connection: &mut Connection) -> rusqlite::Result<Self> {
        let state = Arc::<State>::default();
        let watching = Arc::clone(&state);
        connection.authorizer(Some(move |context: AuthContext<'_>| watching.judge(context.action)))?;
        // A statement may take back the whole transaction (`insert or rollback`). Those after it would each be a transaction of
        // their own: none of them is committed.
        let watching = Arc::clone(&state);
        connection.commit_hook(Some(move || watching.is_guest.load(Ordering::Relaxed)))?;
        Ok(Self(state))
    }

    /// Looks at each statement, until the answer is dropped.
    pub(crate) fn admit(&self) -> Guest<'_> {
        self.0.refused().take();
        self.0.is_guest.store(true, Ordering::Relaxed);
        Guest(&self.0)
    }
}

/// Code of the user's runs on the connection.
pub(crate) struct Guest<'a>(&'a State);

impl Guest<'_> {
    /// What was refused first, as in "a projection may not …".
    pub(crate) fn refused(&self) -> Option<String> {
        self.0.refused().take()
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.0.is_guest.store(false, Ordering::Relaxed);
    }
}

/// What is wrong with what a statement does, if anything is.
fn objection(action: AuthAction<'_>) -> Option<String> {
    use AuthAction::{
        AlterTable, Analyze, Attach, CreateIndex, CreateTable, CreateTempIndex, CreateTempTable, CreateTempTrigger,
        CreateTempView, CreateTrigger, CreateView, CreateVtable, Delete, Detach, DropIndex, DropTable, DropTempIndex,
        DropTempTable, DropTempTrigger, DropTempView, DropTrigger, DropView, DropVtable, Function, Insert, Pragma, Read,
        Recursive, Reindex, Savepoint, Select, Transaction, Update,
    };
    match action {
        Select | Read { .. } | Function { .. } | Recursive | Reindex { .. } => None,
        Insert { table_name } | Update { table_name, .. } | Delete { table_name } => of_ours(table_name, "write"),
        CreateTable { table_name } | CreateVtable { table_name, .. } | CreateView { view_name: table_name } => {
            of_ours(table_name, "create").or_else(|| reserved(table_name))
        }
        CreateIndex { index_name: name, table_name } | CreateTrigger { trigger_name: name, table_name } => {
            of_ours(table_name, "change").or_else(|| reserved(name))
        }
        DropTable { table_name } | DropVtable { table_name, .. } | DropView { view_name: table_name } => {
            of_ours(table_name, "drop")
        }
        AlterTable { table_name, .. }
        | DropIndex { table_name, .. }
        | DropTrigger { table_name, .. }
        | Analyze { table_name } => of_ours(table_name, "change"),
        CreateTempTable { .. }
        | CreateTempView { .. }
        | CreateTempIndex { .. }
        | CreateTempTrigger { .. }
        | DropTempTable { .. }
        | DropTempView { .. }
        | DropTempIndex { .. }
        | DropTempTrigger { .. } => Some("use what is temporary: it belongs to a connection, and that is the store's".to_owned()),
        Pragma { pragma_name, .. } if PRAGMAS.iter().any(|pragma| pragma_name.eq_ignore_ascii_case(pragma)) => None,
        Pragma { pragma_name, .. } => Some(format!("use `pragma {pragma_name}`: the connection is the store's")),
        Transaction { .. } => Some("begin or end a transaction: the store does that".to_owned()),
        Savepoint { savepoint_name, .. } if savepoint_name.eq_ignore_ascii_case(SAVEPOINT) => {
            Some(format!("use the savepoint `{savepoint_name}`: it is the store's"))
        }
        Savepoint { .. } => None,
        Attach { .. } | Detach { .. } => Some("attach or detach a database: the connection is the store's".to_owned()),
        _ => Some("do what this version of Annals does not know".to_owned()),
    }
}

fn of_ours(table: &str, what: &str) -> Option<String> {
    let is_ours = OURS.iter().any(|ours| table.eq_ignore_ascii_case(ours));
    is_ours.then(|| format!("{what} `{table}`: Annals keeps its own data there"))
}

fn reserved(name: &str) -> Option<String> {
    let is_reserved = name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
    is_reserved.then(|| format!("create `{name}`: names that start with `{PREFIX}` are kept for Annals"))
}
