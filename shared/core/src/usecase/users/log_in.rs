//! Logging in by password: `POST /v2/users/login`.

use crate::error::{Code, Problem};
use crate::identity::{Identity, Login};
use crate::password::{Password, PasswordHash};
use crate::ports::Accounts;
use crate::user::User;

/// The account of that login and password. What could never be either is given as `None`, and costs the time of a real
/// check all the same: neither the answer nor its time tells whether an account exists.
///
/// # Errors
/// [`Code::WrongCredentials`]; [`Code::Unavailable`].
pub async fn log_in(
    accounts: &dyn Accounts,
    login: Option<Login>,
    password: Option<Password>,
) -> Result<User, Problem> {
    let user = match login {
        Some(login) => accounts.find_by_identity(&Identity::Login(login)).await?,
        None => None,
    };
    let nobody = PasswordHash::of_nobody();
    let hash = user.as_ref().and_then(|user| user.password.as_ref()).unwrap_or(&nobody);
    let matches = match password.or_else(|| Password::parse("a password of nobody".into()).ok()) {
        Some(password) => password.matches(hash),
        None => false,
    };
    match user {
        Some(user) if matches => Ok(user),
        _ => Err(Code::WrongCredentials.into()),
    }
}
