//! Whose credentials requests are signed with.

use crate::connections::Connections;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::provider_config::ProviderConfig;

/// The credentials of the role that the process runs as: those that Lambda puts into a function's environment
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>), else those that the agent beside a task of ECS gives
/// out and renews (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>).
///
/// The SDK's own chain also looks into profiles, asks STS in exchange for a web identity and the machine's metadata service. Carteiro runs
/// nowhere where these are, and every start would pay for the client of STS that the chain makes.
pub(crate) fn credentials(connections: &Connections) -> CredentialsProviderChain {
    let agent = ProviderConfig::without_region().with_http_client(connections.clone());
    CredentialsProviderChain::first_try("environment", EnvironmentVariableCredentialsProvider::new())
        .or_else("task", EcsCredentialsProvider::builder().configure(&agent).build())
}
