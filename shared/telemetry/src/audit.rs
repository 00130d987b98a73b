//! The trail of what the operator changed.

use std::fmt::Display;

/// The target of audit lines, which no filter of the log holds back.
pub(crate) const TARGET: &str = "audit";

/// Writes the line that tells later who did what to which tenant, and `to` what. Neither may hold a secret. Called once for each
/// change, after it was made.
pub fn audit(who: &str, what: &str, tenant: impl Display, to: impl Display) {
    tracing::info!(target: TARGET, who, what, tenant_id = %tenant, to = %to, "audit");
}
