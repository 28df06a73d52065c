//! The routes of reconciliation, asked.

use super::Asking;
use crate::merchant::{CAMT_08, STRIPE_ACTIVITY, bytes};
use crate::serving::ADMIN_KEY;
use serde_json::json;

impl Asking<'_> {
    /// A file, which is taken in once.
    fn upload(&mut self, target: &str, file: &[u8]) {
        for _ in 0..2 {
            let bearer = format!("Bearer {ADMIN_KEY}");
            let headers = [("authorization", bearer.as_str())];
            let reply = self.served.send("POST", target, &headers, file);
            self.note("POST", target, &reply);
        }
    }

    pub(super) fn reconcile(&mut self) {
        self.upload("/v1/settlements?connection=stripe", &bytes(STRIPE_ACTIVITY));
        self.upload("/v1/bank-statements", &bytes(CAMT_08));
        let made = self.post("/v1/reconciliations", &json!({}));
        let made = made["id"].as_str().unwrap();
        self.get(&format!("/v1/reconciliations/{made}"));
        let open = self.list("/v1/breaks?state=open&kind=missing_in_ledger");
        let open = format!("/v1/breaks/{}", open["id"].as_str().unwrap());
        self.get(&open);
        self.post(&format!("{open}/assign"), &json!({ "owner": "Kim" }));
        let resolution = json!({ "resolution": "explained", "note": "from before" });
        self.post(&format!("{open}/resolve"), &resolution);
        self.post(&format!("{open}/reopen"), &json!({ "note": "wrong" }));
    }
}
