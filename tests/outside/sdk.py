"""What Stripe's official SDK says, asked by the tests: sdk.py COMMAND [BASE KEY].

Reads one JSON value from standard input and writes one to standard output.
"""

import json
import sys

import stripe
from stripe import StripeClient, StripeError


def client(base, key):
    # Not a second try behind the test's back.
    return StripeClient(key, base_addresses={"api": base}, max_network_retries=0)


def sign(deliveries):
    """Builds each event as the SDK's own type, writes it, signs it and takes it back in."""
    signed = []
    for delivery in deliveries:
        event = stripe.Event.construct_from(delivery["event"], key=None)
        payload = str(event)
        header = stripe.WebhookSignature.generate_signature_header(
            payload, delivery["secret"], delivery["time"]
        )
        stripe.Webhook.construct_event(payload, header, delivery["secret"], tolerance=None)
        signed.append({"payload": payload, "header": header})
    return signed


def receive(deliveries):
    """Takes deliveries in as a shop's webhook endpoint would, and names what they are."""
    received = []
    for delivery in deliveries:
        try:
            event = stripe.Webhook.construct_event(
                delivery["payload"], delivery["header"], delivery["secret"]
            )
            read = {"type": event.type, "object": type(event.data.object).__name__}
        except StripeError as error:
            read = {"error": type(error).__name__}
        received.append(read)
    return received


def call(asks, base, key):
    """Makes each call, such as {"call": "refunds.create", "ids": [], "params": {}, "options": {}}.

    Answers with what the SDK's types read, or with the error that it raised; lists with every object
    of every page.
    """
    answers = []
    for ask in asks:
        method = client(base, key).v1
        for name in ask["call"].split("."):
            method = getattr(method, name)
        try:
            answer = method(*ask["ids"], params=ask["params"], options=ask["options"])
            if isinstance(answer, stripe.ListObject):
                answer = list(answer.auto_paging_iter())
                answers.append([dict(known(one)) for one in answer])
            else:
                answers.append(dict(known(answer)))
        except StripeError as error:
            answers.append(
                {"error": type(error).__name__, "status": error.http_status, "code": error.code}
            )
    return answers


def known(answer):
    """The fields that tests look at, read by attribute, as users of the SDK do."""
    yield "type", type(answer).__name__
    for field in ["id", "amount", "amount_refunded", "canceled_at", "charge", "status", "metadata"]:
        if field in answer:
            value = getattr(answer, field)
            yield field, value.to_dict() if field == "metadata" else value


COMMANDS = {"sign": sign, "receive": receive, "call": call}

command, *arguments = sys.argv[1:]
json.dump(COMMANDS[command](json.load(sys.stdin), *arguments), sys.stdout)
