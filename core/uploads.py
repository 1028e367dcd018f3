"""Files that people send: kept in memory, on the few pages that take any, never on a disk."""

from io import BytesIO
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_REQUEST = 64 * 1024 * 1024  # read to the end and refused beside its field; above: cut off


class KeepInMemory(FileUploadHandler):
    """Keep a file in memory where the view says `takes_files` and the person is signed in.

    Elsewhere files are dropped as they come. Of a file above LARGEST_FILE only the size is kept,
    so that the form can say what is wrong. DRF and Django's CSRF check both read the request by
    this handler, before the view is entered.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._chunks: list[bytes] = []
        self._size = 0

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 (Django's name)
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > LARGEST_REQUEST:
            raise RequestDataTooBig("The body is too large.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._chunks, self._size = [], 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size <= LARGEST_FILE and self._is_wanted():
            self._chunks.append(raw_data)
        else:
            self._chunks = []

    def file_complete(self, file_size: int) -> InMemoryUploadedFile | None:
        if not self._is_wanted():
            return None
        content = BytesIO(b"".join(self._chunks))
        self._chunks = []
        return InMemoryUploadedFile(
            content,
            self.field_name,
            self.file_name or "",
            self.content_type or "",
            file_size,
            self.charset,
            self.content_type_extra,
        )

    def _is_wanted(self) -> bool:
        match = getattr(self.request, "resolver_match", None)
        view = getattr(match.func, "view_class", None) if match else None
        user = getattr(self.request, "user", None)
        return bool(getattr(view, "takes_files", False) and user and user.is_authenticated)
