//! DynamoDB tables for one test, on one of two emulators that know nothing of each other.

use super::stack::{self, DATA, Stack};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    BillingMode, GlobalSecondaryIndex, GlobalSecondaryIndexDescription, LocalSecondaryIndex,
    LocalSecondaryIndexDescription, TableDescription,
};
use carteiro_aws::AwsClients;
use carteiro_aws::dynamo::DynamoAnswers;
use carteiro_aws::dynamo::DynamoBulks;
use carteiro_aws::dynamo::DynamoChats;
use carteiro_aws::dynamo::DynamoExports;
use carteiro_aws::dynamo::DynamoPrivacy;
use carteiro_aws::dynamo::{
    DynamoAccounts, DynamoApiKeys, DynamoAudit, DynamoChallenges, DynamoLeases, DynamoLinks, DynamoNumbers,
    DynamoRates, DynamoSends, DynamoWhatsAppStates,
};
use carteiro_aws::dynamo::{DynamoAlarms, DynamoPaces};
use carteiro_aws::dynamo::{DynamoNamedSessions, DynamoPairings, DynamoPreparations, DynamoUsage};
use carteiro_aws::dynamo::{DynamoReceivers, DynamoStreams};
use std::sync::Arc;
use tokio::sync::{OnceCell, oneshot};

/// The tables of one test.
pub(crate) struct Store {
    pub(crate) config: SdkConfig,
    pub(crate) accounts_table: String,
    pub(crate) sends_table: String,
    pub(crate) sessions_table: String,
    pub(crate) webhooks_table: String,
    pub(crate) chats_table: String,
    /// The emulator of this test, when it has one of its own.
    pub(crate) database: Option<dynoxide::Database>,
    /// Ends it.
    _end: Option<oneshot::Sender<()>>,
}

impl Store {
    /// On ministack, as infra/data.yaml declares them.
    pub(crate) async fn ministack() -> Self {
        let stack = Stack::deploy(DATA).await;
        let table = |output| stack.output(output).to_owned();
        Self {
            accounts_table: table("AccountsTable"),
            sends_table: table("SendsTable"),
            sessions_table: table("SessionsTable"),
            webhooks_table: table("WebhooksTable"),
            chats_table: table("ChatsTable"),
            config: stack.config,
            database: None,
            _end: None,
        }
    }

    /// On dynoxide, in this process, with the schema that ministack made of infra/data.yaml.
    pub(crate) async fn dynoxide() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let (end, ended) = oneshot::channel();
        let database = dynoxide::Database::memory().expect("a database");
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database.clone(), async {
            let _ = ended.await;
        }));
        let config = stack::config(&endpoint).await;
        let client = Client::new(&config);
        let [accounts, sends, sessions, webhooks, chats] = models().await else { panic!("five tables") };
        Self {
            accounts_table: copy(&client, accounts).await,
            sends_table: copy(&client, sends).await,
            sessions_table: copy(&client, sessions).await,
            webhooks_table: copy(&client, webhooks).await,
            chats_table: copy(&client, chats).await,
            config,
            database: Some(database),
            _end: Some(end),
        }
    }

    fn client(&self) -> Client {
        AwsClients::new(self.config.clone()).dynamo()
    }

    pub(crate) fn accounts(&self) -> Arc<DynamoAccounts> {
        Arc::new(DynamoAccounts::new(self.client(), &self.accounts_table))
    }

    pub(crate) fn audit(&self) -> Arc<DynamoAudit> {
        Arc::new(DynamoAudit::new(self.client(), &self.accounts_table))
    }

    pub(crate) fn api_keys(&self) -> Arc<DynamoApiKeys> {
        Arc::new(DynamoApiKeys::new(self.client(), &self.accounts_table))
    }

    pub(crate) fn challenges(&self) -> Arc<DynamoChallenges> {
        Arc::new(DynamoChallenges::new(self.client(), &self.accounts_table))
    }

    pub(crate) fn rates(&self) -> Arc<DynamoRates> {
        Arc::new(DynamoRates::new(self.client(), &self.accounts_table))
    }

    pub(crate) fn numbers(&self) -> Arc<DynamoNumbers> {
        Arc::new(DynamoNumbers::new(self.client(), &self.accounts_table))
    }

    pub(crate) fn exports(&self) -> Arc<DynamoExports> {
        Arc::new(DynamoExports::new(self.client(), &self.sends_table))
    }

    pub(crate) fn privacy(&self) -> Arc<DynamoPrivacy> {
        Arc::new(DynamoPrivacy::new(self.client(), &self.sends_table))
    }

    pub(crate) fn bulks(&self) -> Arc<DynamoBulks> {
        Arc::new(DynamoBulks::new(self.client(), &self.sends_table))
    }

    pub(crate) fn answers(&self) -> Arc<DynamoAnswers> {
        Arc::new(DynamoAnswers::new(self.client(), &self.chats_table))
    }

    pub(crate) fn chats(&self) -> Arc<DynamoChats> {
        Arc::new(DynamoChats::new(self.client(), &self.chats_table))
    }

    pub(crate) fn sends(&self) -> Arc<DynamoSends> {
        Arc::new(DynamoSends::new(self.client(), &self.sends_table))
    }

    pub(crate) fn alarms(&self) -> Arc<DynamoAlarms> {
        Arc::new(DynamoAlarms::new(self.client(), &self.sends_table))
    }

    pub(crate) fn paces(&self) -> Arc<DynamoPaces> {
        Arc::new(DynamoPaces::new(self.client(), &self.sessions_table))
    }

    pub(crate) fn links(&self) -> Arc<DynamoLinks> {
        Arc::new(DynamoLinks::new(self.client(), &self.sessions_table))
    }

    pub(crate) fn named(&self) -> Arc<DynamoNamedSessions> {
        Arc::new(DynamoNamedSessions::new(self.client(), &self.sessions_table))
    }

    pub(crate) fn pairings(&self) -> Arc<DynamoPairings> {
        Arc::new(DynamoPairings::new(self.client(), &self.sessions_table))
    }

    pub(crate) fn preparations(&self) -> Arc<DynamoPreparations> {
        Arc::new(DynamoPreparations::new(self.client(), &self.sends_table))
    }

    pub(crate) fn usage(&self) -> Arc<DynamoUsage> {
        Arc::new(DynamoUsage::new(self.client(), &self.sends_table))
    }

    pub(crate) fn receivers(&self) -> Arc<DynamoReceivers> {
        Arc::new(DynamoReceivers::new(self.client(), &self.webhooks_table))
    }

    pub(crate) fn streams(&self) -> Arc<DynamoStreams> {
        Arc::new(DynamoStreams::new(self.client(), &self.webhooks_table))
    }

    pub(crate) fn leases(&self) -> Arc<DynamoLeases> {
        Arc::new(DynamoLeases::new(self.client(), &self.sessions_table))
    }

    pub(crate) fn states(&self) -> Arc<DynamoWhatsAppStates> {
        Arc::new(DynamoWhatsAppStates::new(self.client(), &self.sessions_table))
    }
}

/// The tables as ministack made them of infra/data.yaml.
async fn models() -> &'static [TableDescription] {
    static MODELS: OnceCell<Vec<TableDescription>> = OnceCell::const_new();
    let describe = async {
        let model = Store::ministack().await;
        let client = Client::new(&model.config);
        let mut tables = Vec::new();
        let names = [
            &model.accounts_table,
            &model.sends_table,
            &model.sessions_table,
            &model.webhooks_table,
            &model.chats_table,
        ];
        for name in names {
            let described = client.describe_table().table_name(name).send().await.expect("a table");
            tables.push(described.table.expect("a table"));
        }
        tables
    };
    MODELS.get_or_init(|| describe).await
}

/// Makes a table like another; answers its name.
async fn copy(client: &Client, model: &TableDescription) -> String {
    let index = |index: &GlobalSecondaryIndexDescription| {
        GlobalSecondaryIndex::builder()
            .set_index_name(index.index_name.clone())
            .set_key_schema(index.key_schema.clone())
            .set_projection(index.projection.clone())
            .build()
            .expect("an index")
    };
    let indexes: Vec<_> = model.global_secondary_indexes().iter().map(index).collect();
    let local = |index: &LocalSecondaryIndexDescription| {
        LocalSecondaryIndex::builder()
            .set_index_name(index.index_name.clone())
            .set_key_schema(index.key_schema.clone())
            .set_projection(index.projection.clone())
            .build()
            .expect("a local index")
    };
    let locals: Vec<_> = model.local_secondary_indexes().iter().map(local).collect();
    let name = model.table_name().expect("a name").to_owned();
    client
        .create_table()
        .table_name(&name)
        .set_key_schema(model.key_schema.clone())
        .set_attribute_definitions(model.attribute_definitions.clone())
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .set_local_secondary_indexes((!locals.is_empty()).then_some(locals))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .expect("the same table");
    name
}
