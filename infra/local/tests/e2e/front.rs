//! A deployment that was told the key of what stands in front of it.

use crate::aws::part_of_function;
use crate::until::until;
use crate::world::World;
use serde_json::json;

const KEY: &str = "chave-de-exemplo-que-a-frente-mostra-a-cada-pedido";
const KEY_SHA256: &str = "ebd977000b3ca6218a3b72a953e90a052b3df3b0982f55875b0fa2de177761a6";

/// Gives the deployed function the variable that `FrontKeySha256` becomes.
async fn told(world: &World, function: &str) {
    let had = part_of_function(world, function, "configuration", None).await;
    let mut environment = had.json()["Environment"].take();
    environment["Variables"]["CARTEIRO_FRONT_KEY_SHA256"] = json!(KEY_SHA256);
    let told = json!({"Environment": environment});
    part_of_function(world, function, "configuration", Some(&told)).await;
}

#[tokio::test]
async fn what_goes_past_the_front_is_refused() {
    let world = World::start().await;
    let ask = async |headers: &[(&str, &str)]| {
        let answer = world.call("GET", "/openapi.json", headers, None).await;
        (answer.status, answer.json()["code"].as_str().map(str::to_owned))
    };
    assert_eq!(ask(&[]).await, (200, None));
    told(&world, "docs").await;
    let refused = (403, Some("FRONT_ONLY".to_owned()));
    until("it asks for the key", async || (ask(&[]).await == refused).then_some(())).await;
    assert_eq!(ask(&[("x-carteiro-front-key", "outra")]).await, refused);
    assert_eq!(
        ask(&[("x-carteiro-front-key", KEY), ("x-carteiro-caller", "203.0.113.7")]).await,
        (200, None)
    );
    assert!(world.all_logs().iter().all(|(_, log)| !log.contains(KEY)), "the key is in no log");
    world.stop().await;
}
