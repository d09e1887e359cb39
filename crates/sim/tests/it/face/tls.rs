//! A face that speaks https.

use std::sync::Arc;

use obmen_sim::bitrix24::{Portal, Settings};
use obmen_sim::face::{Face, FaceOptions, Tls, TlsError, serve};
use obmen_sim::onec::{self, Infobase};
use obmen_sim::world::World;
use rcgen::{CertifiedKey, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{ADD, PASS, get, options};

#[tokio::test(flavor = "multi_thread")]
async fn a_face_with_a_certificate_speaks_https_and_gives_its_addresses_so() {
    let own = certificate();
    let portal = secure(Portal::new(Settings::default()), &own).await;
    assert!(portal.url().starts_with("https://127.0.0.1:"), "{}", portal.url());
    let added = ask(&portal, &own, ADD).await;
    assert!(added.starts_with("HTTP/1.1 200 OK\r\n"), "{added}");
    assert!(added.contains(r#"{"result":1,"#), "{added}");
    let dump = ask(&portal, &own, "/_sim/dump").await;
    assert!(dump.contains(r#""ID":"1""#), "controls too: {dump}");
    let base = secure(Infobase::new(onec::Settings::default()), &own).await;
    let sets = ask(&base, &own, "/base/odata/standard.odata/?$format=json").await;
    assert!(
        sets.contains("\"odata.metadata\":\"https://localhost/base/odata/standard.odata/$metadata"),
        "{sets}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_under_tls_closes_the_connection_without_a_reply() {
    let own = certificate();
    let portal = secure(Portal::new(Settings::default()), &own).await;
    let rules = r#"[{"kind":"reset_after"},{"kind":"cut"}]"#;
    let head = format!(
        "POST /_sim/faults HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{rules}",
        rules.len()
    );
    assert!(exchange(&portal, &own, &head).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(ask(&portal, &own, ADD).await, "");
    let half = ask(&portal, &own, ADD).await;
    assert!(half.contains(r#"{"result":2,"#) && !half.ends_with('}'), "{half}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_plainly_or_not_at_all_keeps_nobody_waiting() {
    let own = certificate();
    let portal = secure(Portal::new(Settings::default()), &own).await;
    let _silent = TcpStream::connect(portal.address).await.unwrap();
    assert_eq!(get(&portal, ADD).await, None, "plain HTTP is not answered");
    assert!(ask(&portal, &own, ADD).await.contains(r#"{"result":1,"#));
}

#[test]
fn wrong_certificates_and_keys_are_told_apart() {
    let own = certificate();
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let told =
        |certificate: &str, key: &str| Tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap_err();
    assert!(matches!(told("", &key), TlsError::Certificate(_)));
    assert!(matches!(told(&key, &key), TlsError::Certificate(_)), "a key is no certificate");
    assert!(matches!(told(&certificate, "no key"), TlsError::Key(_)));
    assert!(matches!(told(&certificate, &certificate), TlsError::Key(_)));
    let stranger = KeyPair::generate().unwrap().serialize_pem();
    assert!(matches!(told(&certificate, &stranger), TlsError::Refused(_)), "a key of another certificate");
    assert!(Tls::from_pem(certificate.as_bytes(), key.as_bytes()).is_ok());
}

fn certificate() -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

async fn secure<W: World + 'static>(world: W, own: &CertifiedKey<KeyPair>) -> Face<W> {
    let tls = Tls::from_pem(own.cert.pem().as_bytes(), own.signing_key.serialize_pem().as_bytes()).unwrap();
    serve(world, FaceOptions { tls: Some(tls), ..options() }).await.unwrap()
}

async fn ask<W>(face: &Face<W>, own: &CertifiedKey<KeyPair>, target: &str) -> String {
    exchange(
        face,
        own,
        &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{PASS}Connection: close\r\n\r\n"),
    )
    .await
}

/// Speaks with a face as a client that trusts its certificate. Gives what came before the end.
async fn exchange<W>(face: &Face<W>, own: &CertifiedKey<KeyPair>, request: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(face.address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut ends without the farewell of TLS, which is an error to the library.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}
