//! The parts that functions are put together from.

use crate::Error;
use carteiro_aws::dynamo::{DynamoAccounts, DynamoRates};
use carteiro_aws::{AwsClients, SecretsManagerSecret, SystemClock};
use carteiro_core::ids::UserId;
use carteiro_core::plan::Plans;
use carteiro_core::ports::Secret;
use carteiro_core::settings::Settings;
use carteiro_http::routes::{Access, Function, ROUTES, Style};
use carteiro_http::{Authenticator, Gate, KeyRing, Limiter, Limits, OperatorToken};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long a request waits to be counted: past it, it is let through uncounted.
const COUNT: Duration = Duration::from_secs(2);

/// Looks up a variable of the environment: in a main, `|name| std::env::var(name).ok()`.
pub type Environment = fn(&str) -> Option<String>;

/// What a function is put together from. What not every function needs is made when it is first asked for, so that a function
/// reads no secret, and needs no permission, that it does without.
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

    /// The keys of JWTs and one-time passwords, from the secret `CARTEIRO_JWT_SECRET`.
    ///
    /// # Errors
    /// When the setting is absent, or the secret cannot be read or holds no key.
    pub async fn keys(&self) -> Result<Arc<KeyRing>, Error> {
        let load = async || {
            let secret = self.settings.text("CARTEIRO_JWT_SECRET")?;
            let secret = SecretsManagerSecret::new(self.aws.secrets(), secret);
            Ok::<_, Error>(Arc::new(KeyRing::load(Arc::new(secret), self.clock.clone()).await?))
        };
        self.keys.get_or_try_init(load).await.cloned()
    }

    /// What knows the tenants by their credentials, and issues JWTs.
    ///
    /// # Errors
    /// As of [`Start::keys`] and [`Start::accounts`].
    pub async fn authenticator(&self) -> Result<Arc<Authenticator>, Error> {
        let make = async || {
            let (accounts, keys) = (self.accounts()?, self.keys().await?);
            Ok::<_, Error>(Arc::new(Authenticator::new(accounts, self.clock.clone(), keys)))
        };
        self.authenticator.get_or_try_init(make).await.cloned()
    }

    /// The gate in front of the function's routes: it knows the tenants where the route table has tenants' routes for the
    /// function, and the operator (the secret `CARTEIRO_OPERATOR_TOKEN_SECRET`) where it has the operator's; V1's sessions of the tenant
    /// `CARTEIRO_OPEN_TENANT` are open, if there is one. Requests are
    /// counted in the table `CARTEIRO_ACCOUNTS_TABLE` by `CARTEIRO_RATES` and `CARTEIRO_PLANS`.
    ///
    /// # Errors
    /// When a setting is absent or invalid, or a secret cannot be read.
    pub async fn gate(&self) -> Result<Arc<Gate>, Error> {
        let table = self.settings.text("CARTEIRO_ACCOUNTS_TABLE")?;
        let rates = DynamoRates::new(self.aws.dynamo(), table).giving_up_after(COUNT);
        let limits = self.settings.read("CARTEIRO_RATES", Limits::from_json)?;
        let mut gate = Gate::new(Limiter::new(Arc::new(rates), self.clock.clone(), self.plans()?, limits)?);
        if self.has(|access| matches!(access, Access::Tenant(_))) {
            gate = gate.tenants(self.authenticator().await?);
        }
        if self.has(|access| matches!(access, Access::Operator)) {
            let secret = self.settings.text("CARTEIRO_OPERATOR_TOKEN_SECRET")?;
            let secret = SecretsManagerSecret::new(self.aws.secrets(), secret);
            gate = gate.operator(OperatorToken::new(secret.current().await?)?);
        }
        if self.is_of_v1()
            && let Some(tenant) = self.settings.optional("CARTEIRO_OPEN_TENANT")
        {
            gate = gate.open(tenant.trim().parse::<UserId>()?);
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
