//! What is asked: how much of what, and where.

/// A month of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Sends.
    pub sends: f64,
    /// How many of them, of one, carry a file.
    pub media_share: f64,
    /// Connected numbers.
    pub numbers: f64,
    /// The region.
    pub region: String,
    /// Session tasks; as many as the numbers need, where nothing is said.
    pub tasks: Option<f64>,
    /// Events that a webhook is told, for each send.
    pub events_per_send: f64,
    /// Messages that come in.
    pub received: f64,
    /// Requests to the API beside the sends, such as reading a status.
    pub requests: f64,
    /// MB of a file.
    pub file_mb: Option<f64>,
    /// One-time passwords by e-mail.
    pub mails: f64,
    /// One-time passwords by SMS, to Brazil.
    pub texts: f64,
    /// For how many months it has been so; what is stored grows with it.
    pub months: f64,
    /// Whether the deployment has a KMS key of its own.
    pub own_key: bool,
    /// Whether to subtract what AWS gives away each month.
    pub free_tier: bool,
}

impl Default for Workload {
    /// A deployment that does nothing, in São Paulo.
    fn default() -> Self {
        Self {
            sends: 0.0,
            media_share: 0.0,
            numbers: 0.0,
            region: "sa-east-1".to_owned(),
            tasks: None,
            events_per_send: 0.0,
            received: 0.0,
            requests: 0.0,
            file_mb: None,
            mails: 0.0,
            texts: 0.0,
            months: 1.0,
            own_key: false,
            free_tier: false,
        }
    }
}
