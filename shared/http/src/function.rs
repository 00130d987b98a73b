//! The functions that answer HTTP requests.

/// A function that answers HTTP requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// `functions/auth`.
    Auth,
    /// `functions/users`.
    Users,
    /// `functions/numbers`.
    Numbers,
    /// `functions/sends`.
    Sends,
    /// `functions/bulk`.
    Bulk,
    /// `functions/reports`.
    Reports,
    /// `functions/operator`.
    Operator,
    /// `functions/receivers`.
    Receivers,
    /// `functions/docs`.
    Docs,
    /// `functions/sessions`: V1.
    Sessions,
}

impl Function {
    /// Its name, as in `functions/<name>` and `carteiro-<name>`.
    pub fn name(self) -> &'static str {
        match self {
            Function::Auth => "auth",
            Function::Users => "users",
            Function::Numbers => "numbers",
            Function::Sends => "sends",
            Function::Bulk => "bulk",
            Function::Reports => "reports",
            Function::Operator => "operator",
            Function::Receivers => "receivers",
            Function::Docs => "docs",
            Function::Sessions => "sessions",
        }
    }

    /// The group that requests to its routes are counted in: what is sent to many is sent.
    pub fn group(self) -> &'static str {
        match self {
            Function::Bulk => Function::Sends.name(),
            other => other.name(),
        }
    }
}
