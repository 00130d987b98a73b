//! A device that two clients use at the same time is found.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const RUI: &str = "5511999990002";

/// A way to the simulator from another address of this machine. Once `deaf` is set, its client hears nothing any more.
async fn way(to: SocketAddr, from: IpAddr, deaf: watch::Receiver<bool>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let deaf = deaf.clone();
            tokio::spawn(async move {
                let socket = TcpSocket::new_v4().unwrap();
                socket.bind(SocketAddr::new(from, 0)).unwrap();
                let (mut from_server, mut to_server) = socket.connect(to).await.unwrap().into_split();
                let (mut from_client, mut to_client) = client.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
                    if *deaf.borrow() {
                        return std::future::pending().await;
                    }
                    to_client.write_all(&buffer[..count]).await.unwrap();
                }
            });
        }
    });
    format!("ws://{address}/ws/chat")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_on_after_another_has_logged_in_is_found() {
    let sim = Sim::start().await;
    sim.contact(RUI).await;
    let (fall_deaf, deaf) = watch::channel(false);
    let (one, two) = (IpAddr::from([127, 0, 0, 11]), IpAddr::from([127, 0, 0, 12]));
    let first_way = way(sim.handle.listen_address(), one, deaf.clone()).await;
    let second_way = way(sim.handle.listen_address(), two, watch::channel(false).1).await;
    let first = Client::paired_by(&sim, &first_way, ANA).await;
    first.send(RUI, "primeira").await;
    sim.messages(RUI, 1).await;
    fall_deaf.send(true).unwrap();
    let second = Client::start_by(&sim, &second_way, first.backend.clone(), "Test").await;
    // As soon as the server has let the second one in: it looks only so long at what the first one still writes.
    sim.device_until(ANA, |device| device["holders"].as_array().is_some_and(|all| all.len() == 2)).await;
    let late = first.send(RUI, "segunda").await;
    second.connected().await;
    let found =
        sim.until("/admin/stats", |answer| answer["stats"]["overlaps"].as_array()?.first().cloned()).await;
    assert_eq!((&found["id"], &found["number"]), (&late.into(), &ANA.into()), "{found}");
    let older: SocketAddr = found["older"].as_str().unwrap().parse().unwrap();
    assert_eq!((older.ip(), &found["newer"]), (one, &"127.0.0.12".into()));
    let (since, at) = (found["since"].as_u64().unwrap(), found["at"].as_u64().unwrap());
    assert!(since <= at, "{found}");
    let holders = sim.device(ANA).await["holders"].clone();
    let origins: Vec<_> = holders.as_array().unwrap().iter().map(|holder| holder["origin"].clone()).collect();
    assert_eq!(origins, ["127.0.0.11", "127.0.0.12"]);
    assert_eq!(sim.messages(RUI, 1).await.len(), 1, "it went nowhere");
    second.stop().await;
    drop((first, Arc::new(deaf)));
}
