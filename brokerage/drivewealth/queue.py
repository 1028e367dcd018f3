"""DriveWealth's SQS queue: at least once, in any order; a message goes when we say it is done."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

LONG_POLL = 20  # seconds, the longest SQS allows
MOST = 10  # messages of one answer, the most SQS allows


class QueueUnavailable(Exception):
    """No usable answer from SQS; the text names the kind of failure."""


@dataclass(frozen=True)
class Message:
    """One message. `receipt` is what it is deleted by."""

    body: str
    receipt: str


class EventQueue:
    """The queue of `BROKER_EVENTS_QUEUE_URL`; credentials as boto3 finds them."""

    def __init__(self) -> None:
        import boto3
        from botocore.config import Config

        self._url = settings.BROKER_EVENTS_QUEUE_URL
        self._client = boto3.client(
            "sqs",
            region_name=settings.BROKER_EVENTS_REGION,
            endpoint_url=settings.BROKER_EVENTS_ENDPOINT_URL,
            config=Config(
                connect_timeout=5,
                read_timeout=LONG_POLL + 10,
                retries={"total_max_attempts": 1},  # whoever calls waits and asks again
            ),
        )

    def receive(self) -> list[Message]:
        """Wait for messages, twenty seconds at most.

        :raises QueueUnavailable: no usable answer
        """
        answer = self._ask(
            self._client.receive_message, MaxNumberOfMessages=MOST, WaitTimeSeconds=LONG_POLL
        )
        return [Message(row["Body"], row["ReceiptHandle"]) for row in answer.get("Messages", [])]

    def delete(self, messages: list[Message]) -> int:
        """Delete messages; return how many SQS kept all the same, and will bring again.

        :raises QueueUnavailable: no usable answer
        """
        entries = [
            {"Id": str(number), "ReceiptHandle": message.receipt}
            for number, message in enumerate(messages)
        ]
        answer = self._ask(self._client.delete_message_batch, Entries=entries)
        return len(answer.get("Failed", []))

    def _ask(self, call: Any, **parameters: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = call(QueueUrl=self._url, **parameters)
        except ClientError as error:
            raise QueueUnavailable(str(error.response.get("Error", {}).get("Code"))) from error
        except BotoCoreError as error:
            raise QueueUnavailable(type(error).__name__) from error
        return answer
