//! A session that was paired yesterday sends today without a QR.

use crate::tenant::Tenant;
use crate::world::World;

const WORKER: &str = "5511988880031";
const CONTACT: &str = "5511977770031";

#[tokio::test]
async fn the_whole_system_restarts_and_sends() {
    let world = World::start().await;
    let (token, id) = {
        let tenant = world.tenant("xuxa@exemplo.com.br", "5511999990040").await;
        world.contact(CONTACT).await;
        tenant.pair(WORKER).await;
        let send = tenant.send(WORKER, CONTACT, "ontem").await;
        tenant.status(&send, "entregue").await;
        (tenant.token.clone(), tenant.id.clone())
    };
    let operator = world.operator_token().to_owned();
    let world = world.restart().await;
    assert_eq!(world.operator_token(), operator);
    let tenant = Tenant::new(&world, token, &id);
    tenant.connected(WORKER).await;
    let send = tenant.send(WORKER, CONTACT, "hoje").await;
    tenant.status(&send, "entregue").await;
    assert_eq!(crate::contact::Contact::new(&world, CONTACT).texts(2).await, ["ontem", "hoje"]);
    assert_eq!(tenant.report(WORKER).await.len(), 2);
    world.stop().await;
}
