//! Roles with the least privileges.

use crate::OpenError;
use crate::sql::{Schema, file};

/// The longest ending of a role's name, in bytes.
const ENDING: usize = "_archiver".len();

/// Roles that can do no more to a store than what they are for. The owner of the store, or a superuser, runs the scripts once, and
/// again after an upgrade; then they grant the roles to those who log in.
///
/// | role | may |
/// |---|---|
/// | `…_reader` | read everything, write nothing |
/// | `…_writer` | read everything; append, and keep views, timers and messages, through the functions only: what an application needs |
/// | `…_archiver` | read events, and remove those of a stream up to a version by `remove_events`, but for the last one |
/// | `…_tenant` | after [`tenants`](Self::tenants): read and append the events of one tenant |
///
/// None of them can insert, update, delete or truncate events, or create anything in the schema. An application whose projections
/// keep tables of their own needs a schema for these besides.
///
/// ```
/// let roles = annals_store_postgres::Roles::new("annals", "shop")?;
/// println!("{}", roles.script()); // … | psql
/// println!("grant shop_writer to app;");
/// # assert!(roles.script().contains(r#"grant usage on schema "annals" to "shop_reader""#));
/// # Ok::<(), annals_store_postgres::OpenError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Roles {
    schema: Schema,
    prefix: String,
}

impl Roles {
    /// The roles of the store in a schema. Roles belong to all databases of a server, so the prefix tells those of several stores
    /// apart.
    ///
    /// # Errors
    /// [`OpenError::SchemaName`] and [`OpenError::RolePrefix`], if one of them is not a word.
    pub fn new(schema: &str, prefix: &str) -> Result<Self, OpenError> {
        let is_word = Schema::new(prefix).is_ok() && prefix.len() <= Schema::MAX_LEN - ENDING;
        if !is_word {
            return Err(OpenError::RolePrefix { prefix: prefix.to_owned() });
        }
        Ok(Self { schema: Schema::new(schema)?, prefix: prefix.to_owned() })
    }

    /// Statements for `psql`, or any other client, that make the roles where they are not there yet, and give them their
    /// privileges and no others. They can be run again.
    pub fn script(&self) -> String {
        self.fill(&ROLES)
    }

    /// Statements that let a role `…_tenant` see and append the events of one tenant only: of that in the setting
    /// `annals.tenant`, which `alter role app_of_acme set annals.tenant = 'acme'` sets for who logs in, and a URL with
    /// `options[annals.tenant]=acme` for a connection. To be run after [`script`](Self::script), and again after it.
    ///
    /// It keeps programs apart, not people: who can send any statement can also change the setting. And an append that is
    /// refused, because of a version or a condition, still says by which version or position. Reading and appending cost
    /// more for everybody then, which is why it is not a part of the other script.
    pub fn tenants(&self) -> String {
        self.fill(&TENANTS)
    }

    fn fill(&self, statements: &[&'static str]) -> String {
        let filled = statements.iter().map(|statement| {
            let statement = statement.replace("{schema}", self.schema.name()).replace("{prefix}", &self.prefix);
            format!("{};\n", statement.trim_end())
        });
        filled.collect()
    }
}

const ROLES: [&str; 12] = [
    file!("roles/create"),
    file!("roles/revoke_schema"),
    file!("roles/revoke_tables"),
    file!("roles/revoke_sequences"),
    file!("roles/revoke_functions"),
    file!("roles/usage"),
    file!("roles/read_tables"),
    file!("roles/read_sequence"),
    file!("roles/read_functions"),
    file!("roles/write_functions"),
    file!("roles/archive_tables"),
    file!("roles/archive_functions"),
];

const TENANTS: [&str; 25] = [
    file!("roles/tenant_usage"),
    file!("roles/tenant_tables"),
    file!("roles/tenant_functions"),
    file!("roles/drop_service_event"),
    file!("roles/service_event"),
    file!("roles/drop_service_tag"),
    file!("roles/service_tag"),
    file!("roles/drop_tenant_event"),
    file!("roles/tenant_event"),
    file!("roles/drop_tenant_tag"),
    file!("roles/tenant_tag"),
    file!("roles/secure_event"),
    file!("roles/secure_tag"),
    file!("roles/check_tenant"),
    file!("roles/revoke_check"),
    file!("roles/drop_checked_event"),
    file!("roles/checked_event"),
    file!("roles/drop_checked_timer"),
    file!("roles/checked_timer"),
    file!("roles/drop_checked_outbox"),
    file!("roles/checked_outbox"),
    file!("roles/drop_checked_inbox"),
    file!("roles/checked_inbox"),
    file!("roles/drop_checked_reserved_key"),
    file!("roles/checked_reserved_key"),
];
