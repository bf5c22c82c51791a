# Made by purser-describe python-problems: not to be edited.
"""An exception for every kind of problem that the API answers."""

from __future__ import annotations

from typing import Mapping

from ._errors import Problem

__all__ = [
    "PROBLEMS",
    "BadRequest",
    "InvalidGrant",
    "UnsupportedGrantType",
    "InvalidScope",
    "UnsupportedTokenType",
    "InvalidClient",
    "Unauthenticated",
    "InsufficientCredits",
    "LimitReached",
    "QuotaExceeded",
    "CardRequired",
    "CardDeclined",
    "Forbidden",
    "HumanRequired",
    "NotFound",
    "MethodNotAllowed",
    "NotAcceptable",
    "RequestTimeout",
    "Conflict",
    "AddressTaken",
    "IdempotencyKeyReused",
    "IdempotencyInProgress",
    "ApprovalRequired",
    "TopupInProgress",
    "OrganizationClosed",
    "ApprovalExpired",
    "LengthRequired",
    "TooLarge",
    "UriTooLong",
    "UnsupportedMediaType",
    "Invalid",
    "RateLimited",
    "HeadersTooLarge",
    "Internal",
    "BadGateway",
    "Unavailable",
    "Busy",
    "GatewayTimeout",
]


class BadRequest(Problem):
    """
    The request could not be read (400).

    Correct the request as the detail says; repeating it unchanged gives the same answer.
    """


class InvalidGrant(Problem):
    """
    The grant is refused (400).

    Ask for a new grant: sign in again, or use the newest refresh token.
    """


class UnsupportedGrantType(Problem):
    """
    This grant type is not offered (400).

    Use `password`, `refresh_token` or `client_credentials`.
    """


class InvalidScope(Problem):
    """
    The scope can not be given (400).

    Ask for scopes that the grant holds, or for none.
    """


class UnsupportedTokenType(Problem):
    """
    This kind of token is not revoked here (400).

    Revoke an API key by `api_keys.revoke`.
    """


class InvalidClient(Problem):
    """
    The client is not known (401).

    Send an API key that works as `client_secret`.
    """


class Unauthenticated(Problem):
    """
    Authentication is needed (401).

    Send a valid, unexpired token as `Authorization: Bearer …` or `X-API-Key`.
    """


class InsufficientCredits(Problem):
    """
    Not enough credits (402).

    Buy credits, or ask for no more than the member `available` says.
    """


class LimitReached(Problem):
    """
    The spending limit is reached (402).

    Raise the hard limit, or wait for the next cycle.
    """


class QuotaExceeded(Problem):
    """
    The quota is used up (402).

    Change to a plan that includes more, or wait for the next cycle.
    """


class CardRequired(Problem):
    """
    A card is needed (402).

    Attach a card with `payment_methods.attach`, or name one that is attached.
    """


class CardDeclined(Problem):
    """
    The card was declined (402).

    Look at `decline_code`; try another card, or ask the card's bank.
    """


class Forbidden(Problem):
    """
    The token may not do this (403).

    Use a token that holds the scope in the member `required_scope`.
    """


class HumanRequired(Problem):
    """
    A person has to do this (403).

    Sign in as a person; API keys and client credentials are refused here whatever their scopes.
    """


class NotFound(Problem):
    """
    There is no such thing (404).

    Check the path and the ids; what belongs to another organization does not exist for the caller.
    """


class MethodNotAllowed(Problem):
    """
    The method does not fit the path (405).

    Use a method named in the `Allow` header.
    """


class NotAcceptable(Problem):
    """
    No media type of the reply is acceptable (406).

    Ask for a media type that the reference lists for this operation.
    """


class RequestTimeout(Problem):
    """
    The request came too slowly (408).

    Send the whole request without long pauses.
    """


class Conflict(Problem):
    """
    The present state does not allow it (409).

    Read the thing again and decide anew.
    """


class AddressTaken(Problem):
    """
    The e-mail address has an account (409).

    Sign in, or ask for a new password.
    """


class IdempotencyKeyReused(Problem):
    """
    The idempotency key was used for another body (409).

    Use a new `Idempotency-Key` for a new request.
    """


class IdempotencyInProgress(Problem):
    """
    The first request with this key is at work (409).

    Repeat the request after the seconds in `Retry-After`.
    """


class ApprovalRequired(Problem):
    """
    A person has to approve the purchase (409).

    Ask with `billing.approvals.request`, or buy less than `approval_threshold_credits` allows.
    """


class TopupInProgress(Problem):
    """
    Another purchase is at work (409).

    Wait until the purchase in the member `topup_id` has ended.
    """


class OrganizationClosed(Problem):
    """
    The organization is closed (409).

    Only reads are answered; an operator can reopen it.
    """


class ApprovalExpired(Problem):
    """
    The approval has expired (410).

    Ask for a new one with `billing.approvals.request`.
    """


class LengthRequired(Problem):
    """
    The length of the body is missing (411).

    Send a `Content-Length` header.
    """


class TooLarge(Problem):
    """
    The body is too large (413).

    Send a smaller body; the reference names the limit.
    """


class UriTooLong(Problem):
    """
    The address is too long (414).

    Send long inputs in a body.
    """


class UnsupportedMediaType(Problem):
    """
    The body's media type is not understood (415).

    Send `Content-Type: application/json`.
    """


class Invalid(Problem):
    """
    The input does not fit (422).

    Mend every fault listed in `errors`; all of them are named at once.
    """


class RateLimited(Problem):
    """
    Too many requests (429).

    Wait for the seconds in `Retry-After`.
    """


class HeadersTooLarge(Problem):
    """
    The headers are too large (431).

    Send fewer or shorter headers.
    """


class Internal(Problem):
    """
    Something went wrong on our side (500).

    Repeat later, and name the request id when you ask us about it.
    """


class BadGateway(Problem):
    """
    The service was interrupted (502).

    Repeat the request; with an `Idempotency-Key` that is always safe.
    """


class Unavailable(Problem):
    """
    The service is not available just now (503).

    Repeat after the seconds in `Retry-After`.
    """


class Busy(Problem):
    """
    Too much contention just now (503).

    Repeat after the seconds in `Retry-After`; nothing was changed.
    """


class GatewayTimeout(Problem):
    """
    The service took too long (504).

    Repeat the request; with an `Idempotency-Key` that is always safe.
    """


PROBLEMS: Mapping[str, type[Problem]] = {
    "bad_request": BadRequest,
    "invalid_grant": InvalidGrant,
    "unsupported_grant_type": UnsupportedGrantType,
    "invalid_scope": InvalidScope,
    "unsupported_token_type": UnsupportedTokenType,
    "invalid_client": InvalidClient,
    "unauthenticated": Unauthenticated,
    "insufficient_credits": InsufficientCredits,
    "limit_reached": LimitReached,
    "quota_exceeded": QuotaExceeded,
    "card_required": CardRequired,
    "card_declined": CardDeclined,
    "forbidden": Forbidden,
    "human_required": HumanRequired,
    "not_found": NotFound,
    "method_not_allowed": MethodNotAllowed,
    "not_acceptable": NotAcceptable,
    "request_timeout": RequestTimeout,
    "conflict": Conflict,
    "address_taken": AddressTaken,
    "idempotency_key_reused": IdempotencyKeyReused,
    "idempotency_in_progress": IdempotencyInProgress,
    "approval_required": ApprovalRequired,
    "topup_in_progress": TopupInProgress,
    "organization_closed": OrganizationClosed,
    "approval_expired": ApprovalExpired,
    "length_required": LengthRequired,
    "too_large": TooLarge,
    "uri_too_long": UriTooLong,
    "unsupported_media_type": UnsupportedMediaType,
    "invalid": Invalid,
    "rate_limited": RateLimited,
    "headers_too_large": HeadersTooLarge,
    "internal": Internal,
    "bad_gateway": BadGateway,
    "unavailable": Unavailable,
    "busy": Busy,
    "gateway_timeout": GatewayTimeout,
}
