// The receiver printed on Hiveku's page, unchanged but for its TypeScript `!`; what is ours says so.
import crypto from "node:crypto";
import express from "express";

const app = express();

app.post(
  "/webhooks/hiveku",
  express.raw({ type: "application/json" }),
  (req, res) => {
    const signature = req.header("X-Hiveku-Signature") ?? "";
    const expected = crypto
      .createHmac("sha256", process.env.HIVEKU_WEBHOOK_SECRET)
      .update(req.body)
      .digest("hex");

    const valid = crypto.timingSafeEqual(
      Buffer.from(signature),
      Buffer.from(expected),
    );

    if (!valid) {
      return res.status(401).send("invalid signature");
    }

    const event = JSON.parse(req.body.toString("utf8"));
    // ... handle event.type ...
    process.stdout.write(`${JSON.stringify(event)}\n`); // ours: tells the test

    res.status(200).send("ok");
  },
);

app.listen(Number(process.env.PORT), "127.0.0.1"); // ours: starts it
