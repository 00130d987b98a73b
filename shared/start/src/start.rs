//! The parts that functions are put together from.

use crate::Error;
use carteiro_aws::dynamo::{DynamoAccounts, DynamoRates};
use carteiro_aws::{AwsClients, SecretsManagerSecret, SystemClock};
use carteiro_core::ids::UserId;
use carteiro_core::plan::Plans;
use carteiro_core::settings::Settings;
use carteiro_http::routes::{Access, Function, ROUTES, Style};
use carteiro_http::{Authenticator, Gate, KeyRing, Limiter, Limits, OperatorToken};
use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

/// How long a request waits to be counted: past it, it is let through uncounted.
const COUNT: Duration = Duration::from_secs(2);

/// The hashes of the keys of what stands in front of the API; none where nothing does.
const FRONT: &str = "CARTEIRO_FRONT_KEY_SHA256";

/// Looks up a variable of the environment: in a main, `|name| std::env::var(name).ok()`.
pub type Environment = fn(&str) -> Option<String>;

/// What a function is put together from. What not every function needs is made when it is first asked for, and no secret is read
/// before a request wants it: a start asks nothing of AWS, and a function needs no permission for what it does without.
pub struct Start {
    /// The function's settings.
    pub settings: Settings<Environment>,
    /// The clients of AWS.
    pub aws: AwsClients,
    /// The system's clock.
    pub clock: Arc<SystemClock>,
    function: Function,
    keys: OnceCell<Arc<KeyRing>>,
    authenticator: OnceCell<Arc<Authenticator>>,
}

impl Start {
    pub(crate) async fn new(function: Function, environment: Environment) -> Self {
        Self {
            settings: Settings::new(environment),
            aws: AwsClients::load().await,
            clock: Arc::new(SystemClock),
            function,
            keys: OnceCell::new(),
            authenticator: OnceCell::new(),
        }
    }

    /// The deployment's plans: `CARTEIRO_PLANS`.
    ///
    /// # Errors
    /// When the setting is absent or invalid.
    pub fn plans(&self) -> Result<Arc<Plans>, Error> {
        Ok(Arc::new(self.settings.read("CARTEIRO_PLANS", Plans::from_json)?))
    }

    /// The tenants, in the table `CARTEIRO_ACCOUNTS_TABLE`.
    ///
    /// # Errors
    /// When the setting is absent.
    pub fn accounts(&self) -> Result<Arc<DynamoAccounts>, Error> {
        Ok(Arc::new(DynamoAccounts::new(self.aws.dynamo(), self.settings.text("CARTEIRO_ACCOUNTS_TABLE")?)))
    }

    /// The keys of JWTs and one-time passwords, from the secret `CARTEIRO_JWT_SECRET`, which is read when they are first wanted.
    ///
    /// # Errors
    /// When the setting is absent.
    pub fn keys(&self) -> Result<Arc<KeyRing>, Error> {
        let secret = self.settings.text("CARTEIRO_JWT_SECRET")?;
        let secret = SecretsManagerSecret::new(self.aws.secrets(), secret);
        let ring = || Arc::new(KeyRing::new(Arc::new(secret), self.clock.clone()));
        Ok(self.keys.get_or_init(ring).clone())
    }

    /// What knows the tenants by their credentials, and issues JWTs.
    ///
    /// # Errors
    /// As of [`Start::keys`] and [`Start::accounts`].
    pub fn authenticator(&self) -> Result<Arc<Authenticator>, Error> {
        let (accounts, keys) = (self.accounts()?, self.keys()?);
        let make = || Arc::new(Authenticator::new(accounts, self.clock.clone(), keys));
        Ok(self.authenticator.get_or_init(make).clone())
    }

    /// The gate in front of the function's routes: it knows the tenants where the route table has tenants' routes for the
    /// function, and the operator (the secret `CARTEIRO_OPERATOR_TOKEN_SECRET`) where it has the operator's; V1's sessions of the tenant
    /// `CARTEIRO_OPEN_TENANT` are open, if there is one; and where `CARTEIRO_FRONT_KEY_SHA256` names keys of a front, nothing passes that has
    /// not come through it. Requests are
    /// counted in the table `CARTEIRO_ACCOUNTS_TABLE` by `CARTEIRO_RATES` and `CARTEIRO_PLANS`.
    ///
    /// # Errors
    /// When a setting is absent or invalid.
    pub fn gate(&self) -> Result<Arc<Gate>, Error> {
        let table = self.settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
        let rates = DynamoRates::new(self.aws.dynamo(), table).giving_up_after(COUNT);
        let limits = self.settings.read("CARTEIRO_RATES", Limits::from_json)?;
        let mut gate = Gate::new(Limiter::new(Arc::new(rates), self.clock.clone(), self.plans()?, limits)?);
        if self.has(|access| matches!(access, Access::Tenant(_))) {
            gate = gate.tenants(self.authenticator()?);
        }
        if self.has(|access| matches!(access, Access::Operator)) {
            let secret = self.settings.text("CARTEIRO_OPERATOR_TOKEN_SECRET")?;
            let secret = SecretsManagerSecret::new(self.aws.secrets(), secret);
            gate = gate.operator(OperatorToken::new(Arc::new(secret), self.clock.clone()));
        }
        if self.is_of_v1()
            && let Some(tenant) = self.settings.optional("CARTEIRO_OPEN_TENANT")
        {
            gate = gate.open(tenant.trim().parse::<UserId>()?);
        }
        if self.settings.optional(FRONT).is_some() {
            gate = gate.front(self.settings.parse(FRONT)?);
        }
        Ok(Arc::new(gate))
    }

    fn is_of_v1(&self) -> bool {
        ROUTES.iter().any(|route| route.function == self.function && route.style == Style::V1)
    }

    fn has(&self, wanted: impl Fn(Access) -> bool) -> bool {
        ROUTES.iter().any(|route| route.function == self.function && wanted(route.access))
    }
}
