# Made by purser-describe python-async: not to be edited.
"""A method to be awaited for every operation, in groups by the words of its name."""

from __future__ import annotations

from typing import Any, AsyncIterable, BinaryIO, Iterable, Literal, Mapping, Optional, Sequence, Union

from . import _catalogue as catalogue
from . import _types as types
from ._async_caller import AsyncCaller
from ._codec import ABSENT, Absent, Instant, Number
from ._pages import AsyncPage, AsyncRows


class OrganizationsMembers:
    """
    The people of an organization and their roles.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Member]:
        """
        List the members of the organization, by name.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `organizations.members.list`; needs members:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 1200 characters)
        """
        return await self._caller.page(
            catalogue.ORGANIZATIONS_MEMBERS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Member]:
        """
        List the members of the organization, by name.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `organizations.members.list`; needs members:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 1200 characters)
        """
        return self._caller.rows(
            catalogue.ORGANIZATIONS_MEMBERS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def get(
        self,
        *,
        member_id: str,
        timeout: Optional[float] = None,
    ) -> types.Member:
        """
        Read one member of the organization.

        Operation `organizations.members.get`; needs members:read; effect `read`.

        :param member_id: The person's id. (id)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_MEMBERS_GET,
            {
                "member_id": member_id,
            },
            timeout=timeout,
        )

    async def update(
        self,
        *,
        member_id: str,
        role: Optional[Literal['owner', 'admin', 'billing', 'member', 'viewer']] = None,
        is_active: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Member:
        """
        Change a member's role, or let a member rest.

        It acts on the member's very next request. Only an owner gives or takes the role `owner`, and API
        keys never do. An organization keeps at least one active owner.

        Operation `organizations.members.update`; needs members:write; effect `compute`.

        :param member_id: The person's id. (id)
        :param role: A new role; only an owner gives or takes `owner`. (text, one of owner admin billing
            member viewer)
        :param is_active: Whether the person may act for the organization. (boolean)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_MEMBERS_UPDATE,
            {
                "member_id": member_id,
                "role": role,
                "is_active": is_active,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def remove(
        self,
        *,
        member_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.RemovedMember:
        """
        Remove a member; the person can't act for the organization from the very next request on.

        API keys that the person made belong to the organization and go on working; revoke them by
        `api_keys.revoke` where they should not. Only an owner removes an owner, and the last active owner
        stays.

        Operation `organizations.members.remove`; needs members:write; effect `destructive`.

        :param member_id: The person's id. (id)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_MEMBERS_REMOVE,
            {
                "member_id": member_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def leave(
        self,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.RemovedMember:
        """
        Leave the organization that the session acts for.

        A person of any role may leave, but for the last active owner. The session goes on, acting for no
        organization.

        Operation `organizations.members.leave`; needs organizations:read; effect `destructive`.
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_MEMBERS_LEAVE,
            {
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def invite(
        self,
        *,
        email: str,
        role: Literal['owner', 'admin', 'billing', 'member', 'viewer'],
        return_token: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Invitation:
        """
        Invite an address into the organization.

        The token goes out by mail, works once, for seven days, and only for the person who has that
        address. A newer invitation takes the place of a pending one to the same address. Only an owner
        invites an owner.

        Operation `organizations.members.invite`; needs members:write; effect `export`.

        :param email: Whom to invite. (email, 3 to 254 characters)
        :param role: As what; only an owner invites an `owner`. (text, one of owner admin billing member
            viewer)
        :param return_token: Whether the reply shows the token, besides the mail; it does not. (boolean)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_MEMBERS_INVITE,
            {
                "email": email,
                "role": role,
                "return_token": return_token,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class OrganizationsInvitations:
    """
    Asking people into an organization.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['pending', 'accepted', 'declined', 'revoked', 'expired']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Invitation]:
        """
        List the organization's invitations, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `organizations.invitations.list`; needs members:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those in this state. (text, one of pending accepted declined revoked expired)
        """
        return await self._caller.page(
            catalogue.ORGANIZATIONS_INVITATIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['pending', 'accepted', 'declined', 'revoked', 'expired']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Invitation]:
        """
        List the organization's invitations, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `organizations.invitations.list`; needs members:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those in this state. (text, one of pending accepted declined revoked expired)
        """
        return self._caller.rows(
            catalogue.ORGANIZATIONS_INVITATIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
            },
            timeout=timeout,
        )

    async def resend(
        self,
        *,
        invitation_id: str,
        return_token: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Invitation:
        """
        Send a pending or expired invitation again, with a new token.

        The token of before is dead, and the new one works for seven days. Only an owner sends an owner's.

        Operation `organizations.invitations.resend`; needs members:write; effect `export`.

        :param invitation_id: The invitation. (id)
        :param return_token: Whether the reply shows the token, besides the mail; it does not. (boolean)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_INVITATIONS_RESEND,
            {
                "invitation_id": invitation_id,
                "return_token": return_token,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def revoke(
        self,
        *,
        invitation_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.RevokedInvitation:
        """
        Withdraw an invitation; its token is dead at once.

        Operation `organizations.invitations.revoke`; needs members:write; effect `destructive`.

        :param invitation_id: The invitation. (id)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_INVITATIONS_REVOKE,
            {
                "invitation_id": invitation_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def accept(
        self,
        *,
        token: str,
        accept: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Invitation:
        """
        Accept or decline an invitation to your address.

        A session that acts for no organization acts for this one from then on.

        Operation `organizations.invitations.accept`; needs a person's session; effect `compute`.

        :param token: The token of the invitation. (text, 1 to 200 characters)
        :param accept: Whether to accept or, with false, to decline; it is accepted where left out.
            (boolean)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_INVITATIONS_ACCEPT,
            {
                "token": token,
                "accept": accept,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class OrganizationsLimits:
    """
    What an organization may spend in a cycle.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def set(
        self,
        *,
        spending_limit_soft: Number,
        spending_limit_hard: Number,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.SpendingLimits:
        """
        Say what the organization may spend in a cycle, and from where on that is announced.

        What is spent already stays spent. An organization that pays afterwards always has a hard limit, at
        most the one that the operator set.

        Operation `organizations.limits.set`; needs billing:write; effect `compute`.

        :param spending_limit_soft: From what spend of a cycle on it is announced, in the organization's
            currency; 0 for never. (number, 0 to 1000000000)
        :param spending_limit_hard: The most that a cycle may spend, in the organization's currency; 0 for
            no limit. (number, 0 to 1000000000)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_LIMITS_SET,
            {
                "spending_limit_soft": spending_limit_soft,
                "spending_limit_hard": spending_limit_hard,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class OrganizationsRecord:
    """
    The whole record of an organization.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.OrgRecord:
        """
        Read all there is to know of the organization, in one flat record.

        Counters, costs and alerts are those of the present cycle: the month of the subscription to
        `platform`, or, without one, the calendar month in the organization's time zone.

        Operation `organizations.record.get`; needs organizations:read; effect `read`.
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_RECORD_GET,
            {
            },
            timeout=timeout,
        )


class OrganizationsBalance:
    """
    What an organization had, as it was collected.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def latest(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.BalanceSnapshot:
        """
        Read the newest snapshot of the organization's balance.

        Every three hours the balance is collected; a snapshot is made when it has changed.

        Operation `organizations.balance.latest`; needs billing:read; effect `read`.
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_BALANCE_LATEST,
            {
            },
            timeout=timeout,
        )

    async def history(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.BalanceSnapshot]:
        """
        List the snapshots of the organization's balance, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `organizations.balance.history`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param from_: Not collected before this moment. (time)
        :param to: Collected before this moment. (time)
        """
        return await self._caller.page(
            catalogue.ORGANIZATIONS_BALANCE_HISTORY,
            {
                "limit": limit,
                "cursor": cursor,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )

    def history_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.BalanceSnapshot]:
        """
        List the snapshots of the organization's balance, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `organizations.balance.history`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param from_: Not collected before this moment. (time)
        :param to: Collected before this moment. (time)
        """
        return self._caller.rows(
            catalogue.ORGANIZATIONS_BALANCE_HISTORY,
            {
                "limit": limit,
                "cursor": cursor,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )


class OrganizationsCosts:
    """
    What an organization's months have cost, as it was collected.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def latest(
        self,
        *,
        year: int,
        month: int,
        timeout: Optional[float] = None,
    ) -> types.CostSnapshot:
        """
        Read the newest snapshot of what a month has cost.

        Every three hours the costs of the running month are collected; those of a month that is over when
        they have changed. Usage belongs to the day it happened on, a fee to the month it was booked in or
        billed for. A credit note takes its share off each line of its invoice; a voided invoice costs
        nothing.

        Operation `organizations.costs.latest`; needs billing:read; effect `read`.

        :param year: The year. (integer, 2000 to 2100)
        :param month: The month of it, in the organization's time zone. (integer, 1 to 12)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_COSTS_LATEST,
            {
                "year": year,
                "month": month,
            },
            timeout=timeout,
        )

    async def history(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        year: Optional[int] = None,
        month: Optional[int] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.CostSnapshot]:
        """
        List the snapshots of what months have cost, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `organizations.costs.history`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param year: Only of this year. (integer, 2000 to 2100)
        :param month: Only of this month of a year. (integer, 1 to 12)
        :param from_: Not collected before this moment. (time)
        :param to: Collected before this moment. (time)
        """
        return await self._caller.page(
            catalogue.ORGANIZATIONS_COSTS_HISTORY,
            {
                "limit": limit,
                "cursor": cursor,
                "year": year,
                "month": month,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )

    def history_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        year: Optional[int] = None,
        month: Optional[int] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.CostSnapshot]:
        """
        List the snapshots of what months have cost, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `organizations.costs.history`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param year: Only of this year. (integer, 2000 to 2100)
        :param month: Only of this month of a year. (integer, 1 to 12)
        :param from_: Not collected before this moment. (time)
        :param to: Collected before this moment. (time)
        """
        return self._caller.rows(
            catalogue.ORGANIZATIONS_COSTS_HISTORY,
            {
                "limit": limit,
                "cursor": cursor,
                "year": year,
                "month": month,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )


class OrganizationsCommitments:
    """
    The operations of `organizations.commitments`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def statement(
        self,
        *,
        organization_id: str,
        period: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.MonthStatement:
        """
        Read the statement of a month: everything that changed what the organization has, and that it adds
        up.

        As NDJSON the activity alone, a row a line. A month of more than 20,000 entries, or of some
        megabytes, is answered as NDJSON or CSV only.

        Operation `organizations.commitments.statement`; needs billing:read; effect `read`.

        :param organization_id: The organization. (id)
        :param period: The month, YYYY-MM; the last one that is over, if left out. (text, exactly 7
            characters)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_COMMITMENTS_STATEMENT,
            {
                "organization_id": organization_id,
                "period": period,
            },
            timeout=timeout,
        )

    def statement_ndjson(
        self,
        *,
        organization_id: str,
        period: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.StatementActivity]:
        """
        Read the statement of a month: everything that changed what the organization has, and that it adds
        up.

        As NDJSON the activity alone, a row a line. A month of more than 20,000 entries, or of some
        megabytes, is answered as NDJSON or CSV only.

        Gives the document line by line as it comes; memory does not grow with it.

        Operation `organizations.commitments.statement`; needs billing:read; effect `read`.

        :param organization_id: The organization. (id)
        :param period: The month, YYYY-MM; the last one that is over, if left out. (text, exactly 7
            characters)
        """
        return self._caller.lines(
            catalogue.ORGANIZATIONS_COMMITMENTS_STATEMENT,
            {
                "organization_id": organization_id,
                "period": period,
            },
            types.StatementActivity,
            timeout=timeout,
        )

    async def statement_csv(
        self,
        *,
        organization_id: str,
        period: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> bytes:
        """
        Read the statement of a month: everything that changed what the organization has, and that it adds
        up.

        As NDJSON the activity alone, a row a line. A month of more than 20,000 entries, or of some
        megabytes, is answered as NDJSON or CSV only.

        Gives the document itself.

        Operation `organizations.commitments.statement`; needs billing:read; effect `read`.

        :param organization_id: The organization. (id)
        :param period: The month, YYYY-MM; the last one that is over, if left out. (text, exactly 7
            characters)
        """
        return await self._caller.rendering(
            catalogue.ORGANIZATIONS_COMMITMENTS_STATEMENT,
            {
                "organization_id": organization_id,
                "period": period,
            },
            "text/csv",
            timeout=timeout,
        )

    async def statement_pdf(
        self,
        *,
        organization_id: str,
        period: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> bytes:
        """
        Read the statement of a month: everything that changed what the organization has, and that it adds
        up.

        As NDJSON the activity alone, a row a line. A month of more than 20,000 entries, or of some
        megabytes, is answered as NDJSON or CSV only.

        Gives the document itself.

        Operation `organizations.commitments.statement`; needs billing:read; effect `read`.

        :param organization_id: The organization. (id)
        :param period: The month, YYYY-MM; the last one that is over, if left out. (text, exactly 7
            characters)
        """
        return await self._caller.rendering(
            catalogue.ORGANIZATIONS_COMMITMENTS_STATEMENT,
            {
                "organization_id": organization_id,
                "period": period,
            },
            "application/pdf",
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        commitment_id: Optional[str] = None,
        include_line_items: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Commitment]:
        """
        List the organization's commitments, how far they are used and what is due, newest first.

        Every figure is as of now: what is over is over at once, whenever the bill comes.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `organizations.commitments.list`; needs orders:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param commitment_id: Only this one. (id)
        :param include_line_items: Whether the order lines that counted are shown. (boolean)
        """
        return await self._caller.page(
            catalogue.ORGANIZATIONS_COMMITMENTS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "commitment_id": commitment_id,
                "include_line_items": include_line_items,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        commitment_id: Optional[str] = None,
        include_line_items: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Commitment]:
        """
        List the organization's commitments, how far they are used and what is due, newest first.

        Every figure is as of now: what is over is over at once, whenever the bill comes.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `organizations.commitments.list`; needs orders:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param commitment_id: Only this one. (id)
        :param include_line_items: Whether the order lines that counted are shown. (boolean)
        """
        return self._caller.rows(
            catalogue.ORGANIZATIONS_COMMITMENTS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "commitment_id": commitment_id,
                "include_line_items": include_line_items,
            },
            timeout=timeout,
        )

    async def create(
        self,
        *,
        organization_id: str,
        name: str,
        starts_on: str,
        ends_on: str,
        amount: Number,
        currency: Optional[Literal['AUD', 'SGD', 'GBP', 'NZD', 'USD']] = None,
        milestones: Optional[Sequence[types.MilestoneInput]] = None,
        eligible_services: Optional[Sequence[str]] = None,
        true_up: Optional[Literal['at_end', 'milestones']] = None,
        rollover_percent: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Commitment:
        """
        Write down what an organization promises to use in a term.

        Order lines that are settled in the term count at the price of their credits, until the order is
        refunded. What is missing at the end, or at a milestone, is billed once, by the monthly run. Days
        end at midnight in the organization's time zone as it is now.

        Operation `organizations.commitments.create`; needs admin:write; effect `compute`.

        :param organization_id: Who makes it. (id)
        :param name: Its name; those of one name follow each other. (text, 1 to 200 characters)
        :param starts_on: The first day, in the organization's zone. (date, YYYY-MM-DD)
        :param ends_on: The last day; not over yet. (date, YYYY-MM-DD)
        :param amount: What is promised in all, as the prices of the organization's credits are: tax
            included where it pays before, without tax where it pays afterwards. (amount, 0.000001 to
            10000000000)
        :param currency: The organization's, and no other. (text, one of AUD SGD GBP NZD USD)
        :param milestones: What is to be used until when, in order. (list of objects, 1 to 120 items)
        :param eligible_services: The services whose order lines count; all where it is left out or empty.
            (list of texts, 0 to 50 items)
        :param true_up: Whether what is missing is billed at the end (where it is left out), or at each
            milestone, too. (text, one of at_end milestones)
        :param rollover_percent: How much of what is used beyond it counts for the next of its name.
            (integer, 0 to 100, standard 0)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_COMMITMENTS_CREATE,
            {
                "organization_id": organization_id,
                "name": name,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "amount": amount,
                "currency": currency,
                "milestones": milestones,
                "eligible_services": eligible_services,
                "true_up": true_up,
                "rollover_percent": rollover_percent,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def amend(
        self,
        *,
        organization_id: str,
        commitment_id: str,
        starts_on: Optional[str] = None,
        ends_on: Optional[str] = None,
        amount: Optional[Number] = None,
        milestones: Optional[Sequence[types.MilestoneInput]] = None,
        eligible_services: Optional[Sequence[str]] = None,
        true_up: Optional[Literal['at_end', 'milestones']] = None,
        rollover_percent: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Commitment:
        """
        Change a commitment that is not over.

        What is left out stays. Days end at midnight in the organization's time zone as it is now; days that
        are over, and what fell due at their end, stay as they were.

        Operation `organizations.commitments.amend`; needs admin:write; effect `compute`.

        :param organization_id: Whose it is. (id)
        :param commitment_id: The commitment. (id)
        :param starts_on: Another first day; only before the term begins. (date, YYYY-MM-DD)
        :param ends_on: Another last day; not over yet, and behind the milestones that were reached. (date,
            YYYY-MM-DD)
        :param amount: What is promised in all from now on. (amount, 0.000001 to 10000000000)
        :param milestones: In place of those that lie ahead; those that were reached stay. (list of objects,
            1 to 120 items)
        :param eligible_services: The services whose order lines count from now on; an empty list: all.
            (list of texts, 0 to 50 items)
        :param true_up: Another way; only before the term begins. (text, one of at_end milestones)
        :param rollover_percent: How much of the excess counts for the next of its name. (integer, 0 to 100)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_COMMITMENTS_AMEND,
            {
                "organization_id": organization_id,
                "commitment_id": commitment_id,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "amount": amount,
                "milestones": milestones,
                "eligible_services": eligible_services,
                "true_up": true_up,
                "rollover_percent": rollover_percent,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def cancel(
        self,
        *,
        organization_id: str,
        commitment_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Commitment:
        """
        End a commitment before its term is over.

        Nothing more falls due; what fell due at a milestone before stays due. What it had carried in, and
        no milestone has needed, counts for the next of its name. Cancelling again answers the commitment
        again.

        Operation `organizations.commitments.cancel`; needs admin:write; effect `compute`.

        :param organization_id: Whose it is. (id)
        :param commitment_id: The commitment. (id)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_COMMITMENTS_CANCEL,
            {
                "organization_id": organization_id,
                "commitment_id": commitment_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class OrganizationsIntegrations:
    """
    Where an organization's figures and audit events go.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def set(
        self,
        *,
        prom: Union[Optional[types.IntegrationInput], Absent] = ABSENT,
        loki: Union[Optional[types.IntegrationInput], Absent] = ABSENT,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.OrgRecord:
        """
        Say where the organization's figures and audit events go.

        Figures are pushed to Prometheus every minute, audit events to Loki. An endpoint may not be at a
        private address; one whose name nobody knows yet is accepted. A Loki is told of what is done from
        now on.

        Operation `organizations.integrations.set`; needs organizations:write; effect `compute`.

        :param prom: Prometheus (remote write), for figures; left out: it stays as it is, null: it is
            removed. (object)
        :param loki: Loki, for audit events; left out: it stays as it is, null: it is removed. (object)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_INTEGRATIONS_SET,
            {
                "prom": prom,
                "loki": loki,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def get(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.Integrations:
        """
        Read where the organization's figures and audit events go, and how the last push went.

        Operation `organizations.integrations.get`; needs organizations:read; effect `read`.
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_INTEGRATIONS_GET,
            {
            },
            timeout=timeout,
        )

    async def test(
        self,
        *,
        kind: Literal['prom', 'loki'],
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.IntegrationAnswer:
        """
        Push one sample to an integration, and say what the other side answered.

        The other side has 5 seconds. Few endpoints are tried at once, of an organization one: 503 `busy`
        tells that it is somebody else's turn. Prometheus (remote write 1.0) gets `purser_credits_available`
        as of now, Loki one line with `\"test\": true`. By itself each is pushed to once a minute. Prometheus:
        the gauges `purser_credits_available`, `purser_credits_reserved`, `purser_credits_debt`,
        `purser_cycle_spend_credits` (charged and held in this cycle), `purser_spending_limit_hard_credits`
        and `purser_spending_limit_soft_credits` (where set), and, with the label `metric`, `purser_usage`
        and `purser_usage_included` (what the plan includes in a cycle, where it has a quota); all with the
        label `organization`, the slug. Values are exact up to 2^53. Loki: the stream `{job=\"purser\",
        organization=\"…\"}`, a JSON line for each row of the audit since the integration was set, once
        each, a minute or two after it was done. An endpoint without a path gets `/api/v1/write` or
        `/loki/api/v1/push`. What is not taken is tried again after 1, 2, 5, 15, then 60 minutes, or when
        the answer's `Retry-After` says; figures are those of that moment then, lines are kept, but for
        those that Loki refuses with 400 or 422 five times.

        Operation `organizations.integrations.test`; needs organizations:write; effect `compute`.

        :param kind: Which of the two. (text, one of prom loki)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_INTEGRATIONS_TEST,
            {
                "kind": kind,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Organizations:
    """
    The companies and people that buy: who they are and how they want to be billed.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self.members = OrganizationsMembers(caller)
        self.invitations = OrganizationsInvitations(caller)
        self.limits = OrganizationsLimits(caller)
        self.record = OrganizationsRecord(caller)
        self.balance = OrganizationsBalance(caller)
        self.costs = OrganizationsCosts(caller)
        self.commitments = OrganizationsCommitments(caller)
        self.integrations = OrganizationsIntegrations(caller)

    async def create(
        self,
        *,
        name: str,
        display_name: Optional[str] = None,
        description: Optional[str] = None,
        website: Optional[str] = None,
        industry: Optional[str] = None,
        size: Optional[str] = None,
        country: Optional[str] = None,
        abn: Optional[str] = None,
        tax_number: Optional[str] = None,
        billing_email: Optional[str] = None,
        billing_admin_id: Optional[str] = None,
        billing_address: Optional[types.AddressInput] = None,
        enterprise_billing: Optional[bool] = None,
        currency: Optional[Literal['AUD', 'SGD', 'GBP', 'NZD', 'USD']] = None,
        timezone: Optional[str] = None,
        is_personal: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Organization:
        """
        Create an organization and become its owner.

        By a key the owner is the person who made the key. A session that acts for no organization acts for
        the new one from then on; any other stays where it is until `auth.sessions.switch`.
        `enterprise_billing: true` is noted as a request.

        Operation `organizations.create`; needs organizations:write; effect `compute`.

        :param name: Its name. (text, 1 to 200 characters)
        :param display_name: What to show instead of the name. (text, 1 to 200 characters)
        :param description: What it does. (text, 1 to 2000 characters)
        :param website: Its website. (uri, 1 to 500 characters)
        :param industry: Its industry. (text, 1 to 100 characters)
        :param size: How large it is, in its own words. (text, 1 to 50 characters)
        :param country: Its country, ISO 3166-1 alpha-2. (text, exactly 2 characters)
        :param abn: Its Australian Business Number. (text, exactly 11 characters)
        :param tax_number: Its tax number elsewhere. (text, 1 to 50 characters)
        :param billing_email: Where invoices and alerts go. (email, 3 to 254 characters)
        :param billing_admin_id: The person who answers for billing. (id)
        :param billing_address: The address on invoices. (object)
        :param enterprise_billing: Ask to pay afterwards, by invoice; an operator decides. (boolean)
        :param currency: The currency it pays in; AUD. (text, one of AUD SGD GBP NZD USD)
        :param timezone: Its IANA time zone; UTC. (text, 1 to 64 characters)
        :param is_personal: Whether it stands for one person. (boolean)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_CREATE,
            {
                "name": name,
                "display_name": display_name,
                "description": description,
                "website": website,
                "industry": industry,
                "size": size,
                "country": country,
                "abn": abn,
                "tax_number": tax_number,
                "billing_email": billing_email,
                "billing_admin_id": billing_admin_id,
                "billing_address": billing_address,
                "enterprise_billing": enterprise_billing,
                "currency": currency,
                "timezone": timezone,
                "is_personal": is_personal,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def get(
        self,
        *,
        organization_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Organization:
        """
        Read an organization.

        Operation `organizations.get`; needs organizations:read; effect `read`.

        :param organization_id: The organization; the token's own where left out. (id)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_GET,
            {
                "organization_id": organization_id,
            },
            timeout=timeout,
        )

    async def list(
        self,
        *,
        query: Optional[str] = None,
        after: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Organization]:
        """
        List the organizations that the token can see, newest first.

        A person sees all organizations of theirs, closed ones too; a key its own.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `organizations.list`; needs organizations:read; effect `read`.

        :param query: Part of the name, in any case. (text, 1 to 200 characters)
        :param after: The cursor as the paging headers give it. (text, 1 to 500 characters)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.ORGANIZATIONS_LIST,
            {
                "query": query,
                "after": after,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        query: Optional[str] = None,
        after: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Organization]:
        """
        List the organizations that the token can see, newest first.

        A person sees all organizations of theirs, closed ones too; a key its own.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `organizations.list`; needs organizations:read; effect `read`.

        :param query: Part of the name, in any case. (text, 1 to 200 characters)
        :param after: The cursor as the paging headers give it. (text, 1 to 500 characters)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.ORGANIZATIONS_LIST,
            {
                "query": query,
                "after": after,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def current(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.OrganizationCurrent:
        """
        Read the organization that the token acts for.

        Operation `organizations.current`; needs organizations:read; effect `read`.
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_CURRENT,
            {
            },
            timeout=timeout,
        )

    async def update(
        self,
        *,
        name: Optional[str] = None,
        display_name: Optional[str] = None,
        description: Optional[str] = None,
        website: Optional[str] = None,
        industry: Optional[str] = None,
        size: Optional[str] = None,
        country: Optional[str] = None,
        abn: Optional[str] = None,
        tax_number: Optional[str] = None,
        billing_email: Optional[str] = None,
        billing_admin_id: Optional[str] = None,
        billing_address: Optional[types.AddressInput] = None,
        enterprise_billing: Optional[bool] = None,
        currency: Optional[Literal['AUD', 'SGD', 'GBP', 'NZD', 'USD']] = None,
        timezone: Optional[str] = None,
        is_personal: Optional[bool] = None,
        logo_url: Optional[str] = None,
        credits_low_threshold: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Organization:
        """
        Change what is known of the organization.

        What is left out stays as it is; an address is replaced as a whole. The currency changes only before
        anything is booked. `enterprise_billing` asks for it, or takes the request back.

        Operation `organizations.update`; needs organizations:write; effect `compute`.

        :param name: Its name; the slug stays. (text, 1 to 200 characters)
        :param display_name: What to show instead of the name. (text, 1 to 200 characters)
        :param description: What it does. (text, 1 to 2000 characters)
        :param website: Its website. (uri, 1 to 500 characters)
        :param industry: Its industry. (text, 1 to 100 characters)
        :param size: How large it is, in its own words. (text, 1 to 50 characters)
        :param country: Its country, ISO 3166-1 alpha-2. (text, exactly 2 characters)
        :param abn: Its Australian Business Number. (text, exactly 11 characters)
        :param tax_number: Its tax number elsewhere. (text, 1 to 50 characters)
        :param billing_email: Where invoices and alerts go. (email, 3 to 254 characters)
        :param billing_admin_id: The person who answers for billing. (id)
        :param billing_address: The address on invoices. (object)
        :param enterprise_billing: Ask to pay afterwards, by invoice; an operator decides. (boolean)
        :param currency: The currency it pays in; AUD. (text, one of AUD SGD GBP NZD USD)
        :param timezone: Its IANA time zone; UTC. (text, 1 to 64 characters)
        :param is_personal: Whether it stands for one person. (boolean)
        :param logo_url: Its logo. (uri, 1 to 500 characters)
        :param credits_low_threshold: Below it a low balance is announced. (integer, 0 to 1000000000000)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_UPDATE,
            {
                "name": name,
                "display_name": display_name,
                "description": description,
                "website": website,
                "industry": industry,
                "size": size,
                "country": country,
                "abn": abn,
                "tax_number": tax_number,
                "billing_email": billing_email,
                "billing_admin_id": billing_admin_id,
                "billing_address": billing_address,
                "enterprise_billing": enterprise_billing,
                "currency": currency,
                "timezone": timezone,
                "is_personal": is_personal,
                "logo_url": logo_url,
                "credits_low_threshold": credits_low_threshold,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def set_purchase_policy(
        self,
        *,
        approval_threshold_credits: Optional[int] = None,
        require_second_person: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Organization:
        """
        Say which purchases need an approval, and by whom.

        Operation `organizations.set_purchase_policy`; needs organizations:write; effect `compute`.

        :param approval_threshold_credits: Purchases above it need an approval. (integer, 0 to
            1000000000000)
        :param require_second_person: Whether nobody may approve their own request. (boolean)
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_SET_PURCHASE_POLICY,
            {
                "approval_threshold_credits": approval_threshold_credits,
                "require_second_person": require_second_person,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def close(
        self,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.ClosedOrganization:
        """
        Close the organization; 30 days later its people and secrets are erased.

        Its keys are refused at once; its people still read, and everything else is `organization_closed`.
        What waits for a buyer or for an approval is turned down, and nothing is bought by itself any more;
        its subscriptions end, for good; a charge that is under way is still booked, and what orders reserve
        is released when their time is over. Until the erasure an operator can reopen it. The ledger, and
        the audit with the addresses that deeds came from, are kept under the organization's id.

        Operation `organizations.close`; needs organizations:write; effect `destructive`.
        """
        return await self._caller.one(
            catalogue.ORGANIZATIONS_CLOSE,
            {
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class BillingStatus:
    """
    How an organization stands.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get(
        self,
        *,
        organization_id: str,
        timeout: Optional[float] = None,
    ) -> types.BillingStatus:
        """
        Read how the organization stands: its plan, credits, usage, limits and what is to be paid.

        Operation `billing.status.get`; needs billing:read; effect `read`.

        :param organization_id: The organization. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_STATUS_GET,
            {
                "organization_id": organization_id,
            },
            timeout=timeout,
        )


class BillingCredits:
    """
    What an organization has, and how it came to that.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def balance(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.Balance:
        """
        Tell how many credits the organization has, and what they consist of.

        Operation `billing.credits.balance`; needs billing:read; effect `read`.
        """
        return await self._caller.one(
            catalogue.BILLING_CREDITS_BALANCE,
            {
            },
            timeout=timeout,
        )

    async def transactions(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        offset: Optional[int] = None,
        reason: Optional[Literal['grant', 'topup', 'auto_topup', 'reservation', 'release', 'charge', 'refund', 'clawback', 'expiry', 'adjustment', 'plan_fee', 'overage', 'commitment_shortfall', 'invoice', 'payment', 'credit_note', 'write_off']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Transaction]:
        """
        List what changed the organization's credits, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.credits.transactions`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param offset: How many of the newest to leave out. (integer, 0 to 1000000000)
        :param reason: Only those booked for this reason. (text, one of grant topup auto_topup reservation
            release charge refund clawback expiry adjustment plan_fee overage commitment_shortfall invoice
            payment credit_note write_off)
        """
        return await self._caller.page(
            catalogue.BILLING_CREDITS_TRANSACTIONS,
            {
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
                "reason": reason,
            },
            timeout=timeout,
        )

    def transactions_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        offset: Optional[int] = None,
        reason: Optional[Literal['grant', 'topup', 'auto_topup', 'reservation', 'release', 'charge', 'refund', 'clawback', 'expiry', 'adjustment', 'plan_fee', 'overage', 'commitment_shortfall', 'invoice', 'payment', 'credit_note', 'write_off']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Transaction]:
        """
        List what changed the organization's credits, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.credits.transactions`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param offset: How many of the newest to leave out. (integer, 0 to 1000000000)
        :param reason: Only those booked for this reason. (text, one of grant topup auto_topup reservation
            release charge refund clawback expiry adjustment plan_fee overage commitment_shortfall invoice
            payment credit_note write_off)
        """
        return self._caller.rows(
            catalogue.BILLING_CREDITS_TRANSACTIONS,
            {
                "limit": limit,
                "cursor": cursor,
                "offset": offset,
                "reason": reason,
            },
            timeout=timeout,
        )

    async def verify(
        self,
        *,
        full: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> types.Verified:
        """
        Prove that the organization's ledger is whole.

        Recomputes the hash chain and the sums of the entries since the last nightly proof, or of all in a
        full proof, and compares them with the balance and the lots.

        Operation `billing.credits.verify`; needs billing:read; effect `read`.

        :param full: From the first entry on, instead of from the last nightly proof; once a minute at most.
            (boolean)
        """
        return await self._caller.one(
            catalogue.BILLING_CREDITS_VERIFY,
            {
                "full": full,
            },
            timeout=timeout,
        )


class BillingTopups:
    """
    Buying credits by card.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get(
        self,
        *,
        topup_id: str,
        timeout: Optional[float] = None,
    ) -> types.Topup:
        """
        Read one top-up: how far it is, and what it brought.

        Operation `billing.topups.get`; needs billing:read; effect `read`.

        :param topup_id: The top-up. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_TOPUPS_GET,
            {
                "topup_id": topup_id,
            },
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['processing', 'requires_action', 'succeeded', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Topup]:
        """
        List the organization's top-ups, automatic and approved ones included, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.topups.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those that are so far. (text, one of processing requires_action succeeded
            failed)
        """
        return await self._caller.page(
            catalogue.BILLING_TOPUPS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['processing', 'requires_action', 'succeeded', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Topup]:
        """
        List the organization's top-ups, automatic and approved ones included, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.topups.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those that are so far. (text, one of processing requires_action succeeded
            failed)
        """
        return self._caller.rows(
            catalogue.BILLING_TOPUPS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
            },
            timeout=timeout,
        )

    async def refund(
        self,
        *,
        organization_id: str,
        topup_id: str,
        reason: str,
        amount: Optional[Number] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.TopupRefund:
        """
        Give money back for a top-up, and take its credits.

        One refund of a top-up is at work at a time. The credits are taken in proportion, rounded half-even
        to whole credits on all that was given back so far. A refund that the card processor refuses takes
        nothing, and leaves the idempotency key free.

        Operation `billing.topups.refund`; needs admin:write; effect `spend`.

        :param organization_id: Who paid. (id)
        :param topup_id: The top-up. (id)
        :param amount: How much of it, in whole hundredths of its currency; all that is left where it is not
            given. (amount)
        :param reason: Why; kept with the refund. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_TOPUPS_REFUND,
            {
                "organization_id": organization_id,
                "topup_id": topup_id,
                "amount": amount,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class BillingInvoices:
    """
    Invoices: what was bought, and what months come to.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['draft', 'issued', 'paid', 'void', 'uncollectible']] = None,
        kind: Optional[Literal['topup', 'run']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Invoice]:
        """
        List the organization's invoices, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.invoices.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those that are so far; a draft is not listed. (text, one of draft issued paid
            void uncollectible)
        :param kind: Only those of purchases, or of months. (text, one of topup run)
        """
        return await self._caller.page(
            catalogue.BILLING_INVOICES_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
                "kind": kind,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['draft', 'issued', 'paid', 'void', 'uncollectible']] = None,
        kind: Optional[Literal['topup', 'run']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Invoice]:
        """
        List the organization's invoices, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.invoices.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those that are so far; a draft is not listed. (text, one of draft issued paid
            void uncollectible)
        :param kind: Only those of purchases, or of months. (text, one of topup run)
        """
        return self._caller.rows(
            catalogue.BILLING_INVOICES_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
                "kind": kind,
            },
            timeout=timeout,
        )

    async def get(
        self,
        *,
        invoice_id: str,
        timeout: Optional[float] = None,
    ) -> types.InvoiceDetails:
        """
        Read one invoice, with its lines and what each was computed from.

        Each line's amount is rounded half-even to a hundredth of the currency, once. The tax is computed
        once per rate on the sum of the lines at it; the largest of these takes what rounding leaves.

        Operation `billing.invoices.get`; needs billing:read; effect `read`.

        :param invoice_id: The invoice. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_INVOICES_GET,
            {
                "invoice_id": invoice_id,
            },
            timeout=timeout,
        )

    async def get_csv(
        self,
        *,
        invoice_id: str,
        timeout: Optional[float] = None,
    ) -> bytes:
        """
        Read one invoice, with its lines and what each was computed from.

        Each line's amount is rounded half-even to a hundredth of the currency, once. The tax is computed
        once per rate on the sum of the lines at it; the largest of these takes what rounding leaves.

        Gives the document itself.

        Operation `billing.invoices.get`; needs billing:read; effect `read`.

        :param invoice_id: The invoice. (id)
        """
        return await self._caller.rendering(
            catalogue.BILLING_INVOICES_GET,
            {
                "invoice_id": invoice_id,
            },
            "text/csv",
            timeout=timeout,
        )

    async def get_pdf(
        self,
        *,
        invoice_id: str,
        timeout: Optional[float] = None,
    ) -> bytes:
        """
        Read one invoice, with its lines and what each was computed from.

        Each line's amount is rounded half-even to a hundredth of the currency, once. The tax is computed
        once per rate on the sum of the lines at it; the largest of these takes what rounding leaves.

        Gives the document itself.

        Operation `billing.invoices.get`; needs billing:read; effect `read`.

        :param invoice_id: The invoice. (id)
        """
        return await self._caller.rendering(
            catalogue.BILLING_INVOICES_GET,
            {
                "invoice_id": invoice_id,
            },
            "application/pdf",
            timeout=timeout,
        )

    async def pay(
        self,
        *,
        invoice_id: str,
        payment_method_id: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.ChargedInvoice:
        """
        Pay what is left of an issued invoice, by card.

        An organization has one purchase or payment at work at a time. Whatever happens between, the invoice
        is charged at most once; the status `paid` is told only when that is booked.

        Operation `billing.invoices.pay`; needs billing:write; effect `spend`.

        :param invoice_id: The invoice. (id)
        :param payment_method_id: The card's row; the default card where it is left out. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_INVOICES_PAY,
            {
                "invoice_id": invoice_id,
                "payment_method_id": payment_method_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def preview(
        self,
        *,
        period: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.PreviewedInvoice:
        """
        Tell what a month's invoice would be at this moment.

        What the monthly run would put on it, undone. What is paid from available credits is on no invoice,
        nor is what comes to less than a card can be charged: that waits for a later one.

        Operation `billing.invoices.preview`; needs billing:read; effect `compute`.

        :param period: The month, YYYY-MM; the one that runs now. (text, exactly 7 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_INVOICES_PREVIEW,
            {
                "period": period,
            },
            timeout=timeout,
        )

    async def void(
        self,
        *,
        organization_id: str,
        invoice_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Invoice:
        """
        Void an issued invoice that was a mistake.

        Nothing of it is owed then, and what it billed is not billed again. One that was paid, or corrected
        by a credit note, can't be voided: a credit note corrects it. Voiding again answers the invoice
        again.

        Operation `billing.invoices.void`; needs admin:write; effect `destructive`.

        :param organization_id: Whose invoice it is. (id)
        :param invoice_id: The invoice. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_INVOICES_VOID,
            {
                "organization_id": organization_id,
                "invoice_id": invoice_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def write_off(
        self,
        *,
        organization_id: str,
        invoice_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Invoice:
        """
        Give up what is left of an issued invoice as uncollectible.

        It is not charged any more. Where a charge for it has failed, and none is to come for another
        invoice, what is subscribed to is paused. Should it be paid after all, note that with
        billing.enterprise.mark_invoiced, which ends the pause. Giving up again answers the invoice again.

        Operation `billing.invoices.write_off`; needs admin:write; effect `compute`.

        :param organization_id: Whose invoice it is. (id)
        :param invoice_id: The invoice. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_INVOICES_WRITE_OFF,
            {
                "organization_id": organization_id,
                "invoice_id": invoice_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def mark_refunded(
        self,
        *,
        organization_id: str,
        invoice_id: str,
        reference: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Invoice:
        """
        Note that what was paid too much of an invoice was given back outside.

        All by which its `due` is below 0 is booked as gone from the bank: event invoice.overpaid tells of
        such ones. What came by card is given back with billing.topups.refund instead. Noting the same
        reference again answers the invoice again.

        Operation `billing.invoices.mark_refunded`; needs admin:write; effect `compute`.

        :param organization_id: Whose invoice it is. (id)
        :param invoice_id: The invoice. (id)
        :param reference: What the money that went back is known by, as at the bank. (text, 1 to 200
            characters)
        """
        return await self._caller.one(
            catalogue.BILLING_INVOICES_MARK_REFUNDED,
            {
                "organization_id": organization_id,
                "invoice_id": invoice_id,
                "reference": reference,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class BillingApprovals:
    """
    Purchases that a person approves.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def request(
        self,
        *,
        credits: int,
        expiry_hours: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Approval:
        """
        Ask for a purchase of credits that a person approves.

        Needed above `approval_threshold_credits`, and possible below. The price is fixed here; nothing is
        charged before `billing.approvals.approve`. What a key asks for counts as asked by the person who
        made the key.

        Operation `billing.approvals.request`; needs billing:write; effect `compute`.

        :param credits: How many credits to buy. (credits, at least 1)
        :param expiry_hours: For how many hours it can be decided. (integer, 1 to 720, standard 72)
        """
        return await self._caller.one(
            catalogue.BILLING_APPROVALS_REQUEST,
            {
                "credits": credits,
                "expiry_hours": expiry_hours,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def approve(
        self,
        *,
        approval_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Approval:
        """
        Approve a purchase of credits, and charge the default card for it.

        `approved` is answered after the credits were booked. A charge that is not over yet answers the
        approval still `pending`, with its `topup_id`. After a decline the approval waits on, for another
        card. Where the organization asks for a second person, it can't be the one who asked.

        Operation `billing.approvals.approve`; needs billing:write; effect `spend`.

        :param approval_id: The approval. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_APPROVALS_APPROVE,
            {
                "approval_id": approval_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def reject(
        self,
        *,
        approval_id: str,
        reason: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Approval:
        """
        Turn a purchase of credits down.

        Operation `billing.approvals.reject`; needs billing:write; effect `compute`.

        :param approval_id: The approval. (id)
        :param reason: Why, for those who asked. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_APPROVALS_REJECT,
            {
                "approval_id": approval_id,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def get(
        self,
        *,
        approval_id: str,
        timeout: Optional[float] = None,
    ) -> types.Approval:
        """
        Read one approval.

        Operation `billing.approvals.get`; needs billing:read; effect `read`.

        :param approval_id: The approval. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_APPROVALS_GET,
            {
                "approval_id": approval_id,
            },
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['pending', 'approved', 'rejected', 'expired']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Approval]:
        """
        List the organization's approvals, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.approvals.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those in this state. (text, one of pending approved rejected expired)
        """
        return await self._caller.page(
            catalogue.BILLING_APPROVALS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['pending', 'approved', 'rejected', 'expired']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Approval]:
        """
        List the organization's approvals, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.approvals.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those in this state. (text, one of pending approved rejected expired)
        """
        return self._caller.rows(
            catalogue.BILLING_APPROVALS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
            },
            timeout=timeout,
        )


class BillingAutoTopup:
    """
    Credits that are bought by themselves.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.AutoTopup:
        """
        Tell whether credits are bought by themselves, and how that goes.

        Operation `billing.auto_topup.get`; needs billing:read; effect `read`.
        """
        return await self._caller.one(
            catalogue.BILLING_AUTO_TOPUP_GET,
            {
            },
            timeout=timeout,
        )


class BillingStripeInvoices:
    """
    Invoices at the card processor.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> types.Invoices:
        """
        List the invoices that the card processor keeps for the organization.

        Operation `billing.stripe_invoices.list`; needs billing:read; effect `read`.

        :param limit: How many at most, the newest first. (integer, 1 to 1000, standard 50)
        """
        return await self._caller.one(
            catalogue.BILLING_STRIPE_INVOICES_LIST,
            {
                "limit": limit,
            },
            timeout=timeout,
        )


class BillingPlans:
    """
    What can be subscribed to.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Plan]:
        """
        List the plans that can be subscribed to, by name.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.plans.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.BILLING_PLANS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Plan]:
        """
        List the plans that can be subscribed to, by name.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.plans.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.BILLING_PLANS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def create(
        self,
        *,
        product: Literal['platform', 'spaces'],
        name: str,
        tier: Literal['FREE', 'STARTUP', 'GROWTH', 'SCALE', 'PRO', 'TEAM', 'ENTERPRISE', 'INTERNAL'],
        currency: Optional[Literal['AUD', 'SGD', 'GBP', 'NZD', 'USD']] = None,
        monthly_amount: Optional[Number] = None,
        yearly_amount: Optional[Number] = None,
        features: Optional[Mapping[str, Any]] = None,
        quotas: Optional[Mapping[str, Any]] = None,
        trial_days: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Plan:
        """
        Draft the next version of a plan.

        Nobody can subscribe to it before it is published. Without a price it can't be started by a
        customer. Of the product platform the tiers are FREE, STARTUP, GROWTH, SCALE, ENTERPRISE and
        INTERNAL; of spaces FREE, PRO, TEAM, ENTERPRISE and INTERNAL.

        Operation `billing.plans.create`; needs admin:write; effect `compute`.

        :param product: What it is a plan of. (text, one of platform spaces)
        :param name: Its name. (text, 1 to 100 characters)
        :param tier: Its place among the plans of the product. (text, one of FREE STARTUP GROWTH SCALE PRO
            TEAM ENTERPRISE INTERNAL)
        :param currency: The currency of its prices; AUD where it is left out. (text, one of AUD SGD GBP NZD
            USD)
        :param monthly_amount: The price by the month; left out where it is not sold so. (amount, 0 to
            1000000000)
        :param yearly_amount: The price by the year; left out where it is not sold so. (amount, 0 to
            1000000000)
        :param features: Features by name: a boolean, an integer or a string. (object)
        :param quotas: By metric an object: `included`, the units in a cycle, and `overage_unit_price`, the
            price of one more as a decimal string, or null where none is sold. (object)
        :param trial_days: Days that are free at first. (integer, 0 to 365, standard 0)
        """
        return await self._caller.one(
            catalogue.BILLING_PLANS_CREATE,
            {
                "product": product,
                "name": name,
                "tier": tier,
                "currency": currency,
                "monthly_amount": monthly_amount,
                "yearly_amount": yearly_amount,
                "features": features,
                "quotas": quotas,
                "trial_days": trial_days,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def publish(
        self,
        *,
        plan_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Plan:
        """
        Offer a draft to everybody; from then on it never changes.

        Other versions of its tier stay what they are: an older one is sold until it is retired.

        Operation `billing.plans.publish`; needs admin:write; effect `compute`.

        :param plan_id: The plan. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_PLANS_PUBLISH,
            {
                "plan_id": plan_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def retire(
        self,
        *,
        plan_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Plan:
        """
        Sell a plan no more.

        Whoever is subscribed to it keeps it.

        Operation `billing.plans.retire`; needs admin:write; effect `compute`.

        :param plan_id: The plan. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_PLANS_RETIRE,
            {
                "plan_id": plan_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class BillingSubscriptions:
    """
    What the organization is subscribed to.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def start(
        self,
        *,
        plan_id: Optional[str] = None,
        price_id: Optional[str] = None,
        cycle: Optional[Literal['monthly', 'yearly']] = None,
        seats: Optional[int] = None,
        trial: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Subscription:
        """
        Subscribe to a plan of a product.

        Name a plan and a cycle, or a price. A trial costs nothing. Else the first fee is taken from the
        credits that are available, where they cover all of it, or the whole is charged to the default card;
        organizations that are invoiced pay it afterwards. More than the approval's threshold in 24 hours is
        charged to no card: buy the credits with approval first. `incomplete` is answered while the card's
        charge is not over: its period begins when it is. Later fees are part of the monthly run.

        Operation `billing.subscriptions.start`; needs billing:write; effect `spend`.

        :param plan_id: The plan; or name its price. (id)
        :param price_id: The price of a plan, which tells plan and cycle. (text, 1 to 80 characters)
        :param cycle: How to pay; needed beside the plan's id at the start. (text, one of monthly yearly)
        :param seats: How many times the price is paid; 1 at the start. (integer, 1 to 100000)
        :param trial: Whether to begin with a trial; where the plan has one, and the organization never had
            the product. (boolean)
        """
        return await self._caller.one(
            catalogue.BILLING_SUBSCRIPTIONS_START,
            {
                "plan_id": plan_id,
                "price_id": price_id,
                "cycle": cycle,
                "seats": seats,
                "trial": trial,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def change(
        self,
        *,
        product: Optional[Literal['platform', 'spaces']] = None,
        plan_id: Optional[str] = None,
        price_id: Optional[str] = None,
        cycle: Optional[Literal['monthly', 'yearly']] = None,
        seats: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Subscription:
        """
        Change a subscription's plan, seats, or how it is paid.

        What is not used of the present fee, by the second, counts against the new price of the same time;
        what remains is charged like a first fee, or given back as credits. Another cycle of billing begins
        a new period now. A trial goes on, and nothing is charged. While a card's charge is not over, the
        subscription stays as it was, and `next_change` tells what it becomes; a change that waits for its
        card's holder is given up by the next one.

        Operation `billing.subscriptions.change`; needs billing:write; effect `spend`.

        :param product: The product; platform. (text, one of platform spaces)
        :param plan_id: The plan; or name its price. (id)
        :param price_id: The price of a plan, which tells plan and cycle. (text, 1 to 80 characters)
        :param cycle: How to pay; needed beside the plan's id at the start. (text, one of monthly yearly)
        :param seats: How many times the price is paid; 1 at the start. (integer, 1 to 100000)
        """
        return await self._caller.one(
            catalogue.BILLING_SUBSCRIPTIONS_CHANGE,
            {
                "product": product,
                "plan_id": plan_id,
                "price_id": price_id,
                "cycle": cycle,
                "seats": seats,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def cancel(
        self,
        *,
        product: Optional[Literal['platform', 'spaces']] = None,
        when: Optional[Literal['now', 'period_end']] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Subscription:
        """
        End a subscription, with its period or now.

        What ends now gives nothing back: what was paid for the period stays paid, and the plan's quotas
        hold until the running cycle of usage ends. One that waits for its first payment ends at once; it
        can't while the card's charge is under way. A payment that is owed stays owed.

        Operation `billing.subscriptions.cancel`; needs billing:write; effect `compute`.

        :param product: The product; platform. (text, one of platform spaces)
        :param when: When it ends; period_end. (text, one of now period_end)
        """
        return await self._caller.one(
            catalogue.BILLING_SUBSCRIPTIONS_CANCEL,
            {
                "product": product,
                "when": when,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def resume(
        self,
        *,
        product: Optional[Literal['platform', 'spaces']] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Subscription:
        """
        Keep a subscription that was to end with its period.

        Operation `billing.subscriptions.resume`; needs billing:write; effect `compute`.

        :param product: The product; platform. (text, one of platform spaces)
        """
        return await self._caller.one(
            catalogue.BILLING_SUBSCRIPTIONS_RESUME,
            {
                "product": product,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def get(
        self,
        *,
        product: Optional[Literal['platform', 'spaces']] = None,
        timeout: Optional[float] = None,
    ) -> types.Subscription:
        """
        Read the organization's subscription to a product.

        Operation `billing.subscriptions.get`; needs billing:read; effect `read`.

        :param product: The product; platform. (text, one of platform spaces)
        """
        return await self._caller.one(
            catalogue.BILLING_SUBSCRIPTIONS_GET,
            {
                "product": product,
            },
            timeout=timeout,
        )

    async def preview(
        self,
        *,
        product: Optional[Literal['platform', 'spaces']] = None,
        plan_id: Optional[str] = None,
        price_id: Optional[str] = None,
        cycle: Optional[Literal['monthly', 'yearly']] = None,
        seats: Optional[int] = None,
        trial: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> types.TurnPreview:
        """
        Tell what starting or changing a subscription would cost at this moment.

        With an open subscription to the product it is a change, else a start. Nothing is changed.

        Operation `billing.subscriptions.preview`; needs billing:read; effect `compute`.

        :param product: The product; platform. (text, one of platform spaces)
        :param plan_id: The plan; or name its price. (id)
        :param price_id: The price of a plan, which tells plan and cycle. (text, 1 to 80 characters)
        :param cycle: How to pay; needed beside the plan's id at the start. (text, one of monthly yearly)
        :param seats: How many times the price is paid; 1 at the start. (integer, 1 to 100000)
        :param trial: Whether to begin with a trial; where the plan has one, and the organization never had
            the product. (boolean)
        """
        return await self._caller.one(
            catalogue.BILLING_SUBSCRIPTIONS_PREVIEW,
            {
                "product": product,
                "plan_id": plan_id,
                "price_id": price_id,
                "cycle": cycle,
                "seats": seats,
                "trial": trial,
            },
            timeout=timeout,
        )


class BillingRuns:
    """
    Monthly runs, listed.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        period: Optional[str] = None,
        status: Optional[Literal['running', 'completed', 'nothing_to_do', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.ListedRun]:
        """
        List the organization's monthly runs, the newest month first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.runs.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param period: Only those of this month, YYYY-MM. (text, exactly 7 characters)
        :param status: Only those that have come so far. (text, one of running completed nothing_to_do
            failed)
        """
        return await self._caller.page(
            catalogue.BILLING_RUNS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "period": period,
                "status": status,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        period: Optional[str] = None,
        status: Optional[Literal['running', 'completed', 'nothing_to_do', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.ListedRun]:
        """
        List the organization's monthly runs, the newest month first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.runs.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param period: Only those of this month, YYYY-MM. (text, exactly 7 characters)
        :param status: Only those that have come so far. (text, one of running completed nothing_to_do
            failed)
        """
        return self._caller.rows(
            catalogue.BILLING_RUNS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "period": period,
                "status": status,
            },
            timeout=timeout,
        )


class BillingGrants:
    """
    Credits given and corrected by operators.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        organization_id: str,
        credits: int,
        source: Literal['promotional', 'free_tier', 'goodwill'],
        expires_at: Optional[Instant] = None,
        priority: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Grant:
        """
        Give an organization credits.

        Operation `billing.grants.create`; needs admin:write; effect `compute`.

        :param organization_id: Who gets them. (id)
        :param credits: How many. (credits, 1 to 1000000000000)
        :param source: Why they are given. (text, one of promotional free_tier goodwill)
        :param expires_at: When what is left of them expires; never where it is left out. (time)
        :param priority: Their place in the drawing order; the lowest is drawn first. (integer, -1000 to
            1000, standard 0)
        """
        return await self._caller.one(
            catalogue.BILLING_GRANTS_CREATE,
            {
                "organization_id": organization_id,
                "credits": credits,
                "source": source,
                "expires_at": expires_at,
                "priority": priority,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class BillingAdjustments:
    """
    The operations of `billing.adjustments`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        organization_id: str,
        credits: int,
        reason: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Adjustment:
        """
        Correct an organization's credits, up or down.

        Operation `billing.adjustments.create`; needs admin:write; effect `compute`.

        :param organization_id: Whose credits are corrected. (id)
        :param credits: By how many; not 0, and negative to take them away. (credits, -1000000000000 to
            1000000000000)
        :param reason: Why, for those who read the transactions. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_ADJUSTMENTS_CREATE,
            {
                "organization_id": organization_id,
                "credits": credits,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class BillingCreditNotes:
    """
    Credit notes, which correct invoices.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        organization_id: str,
        invoice_id: str,
        reason: str,
        amount: Optional[Number] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.CreditNote:
        """
        Correct an issued invoice of a month by a credit note.

        All notes of an invoice come to no more than its total. Of an invoice that is not paid, less is owed
        then; of one that is, `due` goes below 0 by what is to be given back, which is done with
        billing.topups.refund where a card paid it, else outside, and noted with
        billing.invoices.mark_refunded. An invoice of a purchase is corrected by refunding the purchase.

        Operation `billing.credit_notes.create`; needs admin:write; effect `spend`.

        :param organization_id: Whose invoice it is. (id)
        :param invoice_id: The invoice; of a month, for those of purchases follow their refunds. (id)
        :param amount: What to take off, tax included; all that is left where it is left out. (amount, at
            least 0.000001)
        :param reason: Why, as it is printed. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_CREDIT_NOTES_CREATE,
            {
                "organization_id": organization_id,
                "invoice_id": invoice_id,
                "amount": amount,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        invoice_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.CreditNote]:
        """
        List the organization's credit notes, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.credit_notes.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param invoice_id: Only those of that invoice. (id)
        """
        return await self._caller.page(
            catalogue.BILLING_CREDIT_NOTES_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "invoice_id": invoice_id,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        invoice_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.CreditNote]:
        """
        List the organization's credit notes, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.credit_notes.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param invoice_id: Only those of that invoice. (id)
        """
        return self._caller.rows(
            catalogue.BILLING_CREDIT_NOTES_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "invoice_id": invoice_id,
            },
            timeout=timeout,
        )

    async def get(
        self,
        *,
        credit_note_id: str,
        timeout: Optional[float] = None,
    ) -> types.CreditNoteDetails:
        """
        Read one credit note, with all that stands on it.

        Operation `billing.credit_notes.get`; needs billing:read; effect `read`.

        :param credit_note_id: The credit note. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_CREDIT_NOTES_GET,
            {
                "credit_note_id": credit_note_id,
            },
            timeout=timeout,
        )

    async def get_pdf(
        self,
        *,
        credit_note_id: str,
        timeout: Optional[float] = None,
    ) -> bytes:
        """
        Read one credit note, with all that stands on it.

        Gives the document itself.

        Operation `billing.credit_notes.get`; needs billing:read; effect `read`.

        :param credit_note_id: The credit note. (id)
        """
        return await self._caller.rendering(
            catalogue.BILLING_CREDIT_NOTES_GET,
            {
                "credit_note_id": credit_note_id,
            },
            "application/pdf",
            timeout=timeout,
        )


class BillingEnterprise:
    """
    Organizations that pay afterwards.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def accrual(
        self,
        *,
        organization_id: str,
        period: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Accrual:
        """
        Read what has accrued on the account of an organization that pays afterwards.

        Operation `billing.enterprise.accrual`; needs admin:read; effect `read`.

        :param organization_id: The organization. (id)
        :param period: The month, YYYY-MM; the present one where it is left out. (text, exactly 7
            characters)
        """
        return await self._caller.one(
            catalogue.BILLING_ENTERPRISE_ACCRUAL,
            {
                "organization_id": organization_id,
                "period": period,
            },
            timeout=timeout,
        )

    async def mark_invoiced(
        self,
        *,
        organization_id: str,
        invoice_id: str,
        reference: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Invoice:
        """
        Note that an invoice was paid outside.

        All that is left of it is booked as received at the bank. Of one that was given up, too. Noting the
        same reference again answers the invoice again.

        Operation `billing.enterprise.mark_invoiced`; needs admin:write; effect `compute`.

        :param organization_id: Whose invoice it is. (id)
        :param invoice_id: The invoice. (id)
        :param reference: What the payment is known by, as at the bank. (text, 1 to 200 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_ENTERPRISE_MARK_INVOICED,
            {
                "organization_id": organization_id,
                "invoice_id": invoice_id,
                "reference": reference,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class BillingFreeTier:
    """
    Free credits for new organizations.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list_pending(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.PendingOrganization]:
        """
        List the organizations that wait for their free credits, newest first.

        A closed one does not wait.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `billing.free_tier.list_pending`; needs admin:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.BILLING_FREE_TIER_LIST_PENDING,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_pending_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.PendingOrganization]:
        """
        List the organizations that wait for their free credits, newest first.

        A closed one does not wait.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `billing.free_tier.list_pending`; needs admin:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.BILLING_FREE_TIER_LIST_PENDING,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def approve(
        self,
        *,
        organization_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.FreeTier:
        """
        Give an organization its free credits, once in its life.

        Where the decision is made already, whichever it was, it stands: that is a conflict.

        Operation `billing.free_tier.approve`; needs admin:write; effect `compute`.

        :param organization_id: The organization. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_FREE_TIER_APPROVE,
            {
                "organization_id": organization_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def revoke(
        self,
        *,
        organization_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.FreeTier:
        """
        Take back what is left of an organization's free credits, or turn it down while it waits.

        What is available of them expires at once; what orders and holds have reserved expires as they give
        it back. They are not granted again.

        Operation `billing.free_tier.revoke`; needs admin:write; effect `compute`.

        :param organization_id: The organization. (id)
        """
        return await self._caller.one(
            catalogue.BILLING_FREE_TIER_REVOKE,
            {
                "organization_id": organization_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def grant_all(
        self,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.GrantedAll:
        """
        Give those who wait their free credits, the oldest first, a hundred organizations a call.

        Each is as if it were approved by itself. Repeat the call until nobody is left.

        Operation `billing.free_tier.grant_all`; needs admin:write; effect `compute`.
        """
        return await self._caller.one(
            catalogue.BILLING_FREE_TIER_GRANT_ALL,
            {
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Billing:
    """
    The operations of `billing`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self.status = BillingStatus(caller)
        self.credits = BillingCredits(caller)
        self.topups = BillingTopups(caller)
        self.invoices = BillingInvoices(caller)
        self.approvals = BillingApprovals(caller)
        self.auto_topup = BillingAutoTopup(caller)
        self.stripe_invoices = BillingStripeInvoices(caller)
        self.plans = BillingPlans(caller)
        self.subscriptions = BillingSubscriptions(caller)
        self.runs = BillingRuns(caller)
        self.grants = BillingGrants(caller)
        self.adjustments = BillingAdjustments(caller)
        self.credit_notes = BillingCreditNotes(caller)
        self.enterprise = BillingEnterprise(caller)
        self.free_tier = BillingFreeTier(caller)

    async def topup(
        self,
        *,
        credits: Optional[int] = None,
        amount: Optional[Number] = None,
        currency: Optional[Literal['AUD', 'SGD', 'GBP', 'NZD', 'USD']] = None,
        payment_method_id: Optional[str] = None,
        description: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Topup:
        """
        Buy credits, charged to a card at once.

        Say either `credits`, or `amount` and `currency`; 50 credits at least. The status `succeeded` is
        told only when the credits are booked. `processing` means that the outcome is not known yet: repeat
        the request with its Idempotency-Key, or read the top-up. One purchase is at work at a time; one
        that waits for its buyer is cancelled by the next. Whatever happens between, a top-up is charged at
        most once.

        Operation `billing.topup`; needs billing:write; effect `spend`.

        :param credits: How many to buy; or say the amount. (credits, 50 to 1000000000000)
        :param amount: For how much to buy, tax included; a whole number of credits. (amount, at least
            0.000001)
        :param currency: The organization's; needed beside the amount. (text, one of AUD SGD GBP NZD USD)
        :param payment_method_id: The card's row; the default card where it is left out. (id)
        :param description: What for, for those who read statements. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_TOPUP,
            {
                "credits": credits,
                "amount": amount,
                "currency": currency,
                "payment_method_id": payment_method_id,
                "description": description,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def set_auto_topup(
        self,
        *,
        enabled: bool,
        threshold_credits: int,
        topup_amount_credits: int,
        daily_charge_cap_aud: Optional[Number] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.AutoTopup:
        """
        Have credits bought by themselves where they run low, or not any more.

        Replaces what was set before, and ends a pause; an automatic top-up that waits for its card's holder
        is cancelled. Where the available credits are below the threshold, the default card is charged at
        once, for the smallest multiple of `topup_amount_credits` that brings them to the threshold.

        Operation `billing.set_auto_topup`; needs billing:write; effect `compute`.

        :param enabled: Whether to buy credits by themselves. (boolean)
        :param threshold_credits: Below how many available credits. (credits, 1 to 1000000000000)
        :param topup_amount_credits: In multiples of how many; at most what can be bought without approval.
            (credits, 1 to 1000000000000)
        :param daily_charge_cap_aud: What a day's charges may reach, at the AUD price of the credits; null
            or left out: no cap. (number, at least 0.000001)
        """
        return await self._caller.one(
            catalogue.BILLING_SET_AUTO_TOPUP,
            {
                "enabled": enabled,
                "threshold_credits": threshold_credits,
                "topup_amount_credits": topup_amount_credits,
                "daily_charge_cap_aud": daily_charge_cap_aud,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def run_monthly_for_org(
        self,
        *,
        organization_id: str,
        period: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.MonthlyRun:
        """
        Bill a month that is over: fees, overage, what stands on account, commitments.

        Whatever happened until the month's end and no run has billed is billed once: from the credits that
        are available where they cover all of a line, else by an invoice, which the default card is charged
        for. A run that was cut goes on where it was; one that is done is answered again, and computed again
        to see that it comes to the same. A run whose invoice would be absurdly large is parked until an
        operator has looked.

        Operation `billing.run_monthly_for_org`; needs billing:write; effect `spend`.

        :param organization_id: The organization. (id)
        :param period: The month, YYYY-MM; the last that is over in its time zone. (text, exactly 7
            characters)
        """
        return await self._caller.one(
            catalogue.BILLING_RUN_MONTHLY_FOR_ORG,
            {
                "organization_id": organization_id,
                "period": period,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def run_monthly_preview(
        self,
        *,
        organization_id: str,
        period: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.PreviewedRun:
        """
        Tell what running a month would come to at this moment.

        The run itself, undone: its lines and digest are those that it would have. Of a month that is not
        over, what has come until now. No number is taken, and no card is charged.

        Operation `billing.run_monthly_preview`; needs billing:read; effect `compute`.

        :param organization_id: The organization. (id)
        :param period: The month, YYYY-MM; the last that is over in its time zone. (text, exactly 7
            characters)
        """
        return await self._caller.one(
            catalogue.BILLING_RUN_MONTHLY_PREVIEW,
            {
                "organization_id": organization_id,
                "period": period,
            },
            timeout=timeout,
        )

    async def run_monthly_cron(
        self,
        *,
        period: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.RunProgress:
        """
        Have a month run for all organizations.

        Answers at once; a job does the work, each organization's when the month is over in its time zone.
        Asking again tells how far it is, and when it is done has what failed tried again.

        Operation `billing.run_monthly_cron`; needs admin:write; effect `compute`.

        :param period: The month, YYYY-MM; the last that is over in UTC. (text, exactly 7 characters)
        """
        return await self._caller.one(
            catalogue.BILLING_RUN_MONTHLY_CRON,
            {
                "period": period,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Orders:
    """
    Work that is done for credits: held, delivered, charged.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        reference: str,
        lines: Sequence[types.NewOrderLineInput],
        commitment_id: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Order:
        """
        Order something, and hold the credits for it.

        Sending a reference again with the same lines answers the order that it made, as it is now. Where
        the organization pays afterwards, nothing is held, but the hard limit counts it.

        Operation `orders.create`; needs orders:write; effect `compute`.

        :param reference: The caller's own id of the order; it makes one order, however often it is sent.
            (text, 1 to 255 characters)
        :param lines: What is ordered. (list of objects, 1 to 200 items)
        :param commitment_id: The commitment that eligible lines are to count towards. (id)
        """
        return await self._caller.one(
            catalogue.ORDERS_CREATE,
            {
                "reference": reference,
                "lines": lines,
                "commitment_id": commitment_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def estimate(
        self,
        *,
        lines: Sequence[types.NewOrderLineInput],
        timeout: Optional[float] = None,
    ) -> types.Estimate:
        """
        Tell what an order would cost, and whether it would be taken now.

        Nothing is held: another order may take the credits first.

        Operation `orders.estimate`; needs orders:read; effect `read`.

        :param lines: What would be ordered. (list of objects, 1 to 200 items)
        """
        return await self._caller.one(
            catalogue.ORDERS_ESTIMATE,
            {
                "lines": lines,
            },
            timeout=timeout,
        )

    async def settle(
        self,
        *,
        order_id: str,
        lines: Optional[Sequence[types.NewOrderLineInput]] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Order:
        """
        Charge an order for what was delivered.

        What it held beyond that is given back; what it takes beyond what it held has to be available. An
        order that expired can still be settled, as long as all of it is available. Settling again with the
        same lines, or with none, answers the order again.

        Operation `orders.settle`; needs orders:write; effect `spend`.

        :param order_id: The order. (id)
        :param lines: What was delivered in the end; what was ordered where it is left out. (list of
            objects, 1 to 200 items)
        """
        return await self._caller.one(
            catalogue.ORDERS_SETTLE,
            {
                "order_id": order_id,
                "lines": lines,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def cancel(
        self,
        *,
        order_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.CancelledOrder:
        """
        Cancel an order that is not settled, and give back what it holds.

        Cancelling again answers the same again.

        Operation `orders.cancel`; needs orders:write; effect `spend`.

        :param order_id: The order. (id)
        """
        return await self._caller.one(
            catalogue.ORDERS_CANCEL,
            {
                "order_id": order_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def refund(
        self,
        *,
        organization_id: str,
        order_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Order:
        """
        Give an organization back what a settled order was charged.

        Refunding again answers the order again.

        Operation `orders.refund`; needs admin:write; effect `spend`.

        :param organization_id: Whose order it is. (id)
        :param order_id: The order. (id)
        """
        return await self._caller.one(
            catalogue.ORDERS_REFUND,
            {
                "organization_id": organization_id,
                "order_id": order_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def get(
        self,
        *,
        order_id: str,
        timeout: Optional[float] = None,
    ) -> types.Order:
        """
        Read one order.

        Operation `orders.get`; needs orders:read; effect `read`.

        :param order_id: The order. (id)
        """
        return await self._caller.one(
            catalogue.ORDERS_GET,
            {
                "order_id": order_id,
            },
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['reserved', 'settled', 'cancelled', 'expired', 'refunded']] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Order]:
        """
        List the organization's orders, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `orders.list`; needs orders:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those in this state. (text, one of reserved settled cancelled expired refunded)
        :param from_: Not made before this moment. (time)
        :param to: Made before this moment. (time)
        """
        return await self._caller.page(
            catalogue.ORDERS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        status: Optional[Literal['reserved', 'settled', 'cancelled', 'expired', 'refunded']] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Order]:
        """
        List the organization's orders, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `orders.list`; needs orders:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param status: Only those in this state. (text, one of reserved settled cancelled expired refunded)
        :param from_: Not made before this moment. (time)
        :param to: Made before this moment. (time)
        """
        return self._caller.rows(
            catalogue.ORDERS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "status": status,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )


class PaymentMethods:
    """
    The cards an organization pays with.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_setup_intent(
        self,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.SetupSecret:
        """
        Begin to take a card: what the processor's form in the browser needs.

        Card numbers go from the browser to the processor and never through here. What the form gives back
        is attached with `payment_methods.attach`.

        Operation `payment_methods.create_setup_intent`; needs billing:write; effect `export`.
        """
        return await self._caller.one(
            catalogue.PAYMENT_METHODS_CREATE_SETUP_INTENT,
            {
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def attach(
        self,
        *,
        payment_method_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.PaymentMethod:
        """
        Attach a card, so that it can be charged.

        The first card becomes the default. A card that is attached already stays as it is. The sandbox
        takes the names of test cards: `pm_card_visa` works, `pm_card_chargeDeclined` attaches and is
        declined when it is charged.

        Operation `payment_methods.attach`; needs billing:write; effect `compute`.

        :param payment_method_id: The processor's identifier of the card, as its form in the browser gave
            it. (text, 4 to 100 characters)
        """
        return await self._caller.one(
            catalogue.PAYMENT_METHODS_ATTACH,
            {
                "payment_method_id": payment_method_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.PaymentMethod]:
        """
        List the cards that are attached, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `payment_methods.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.PAYMENT_METHODS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.PaymentMethod]:
        """
        List the cards that are attached, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `payment_methods.list`; needs billing:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.PAYMENT_METHODS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def set_default(
        self,
        *,
        payment_method_row_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.PaymentMethod:
        """
        Make a card the one that is charged when no other is named.

        Operation `payment_methods.set_default`; needs billing:write; effect `compute`.

        :param payment_method_row_id: The payment method, by its `id`. (id)
        """
        return await self._caller.one(
            catalogue.PAYMENT_METHODS_SET_DEFAULT,
            {
                "payment_method_row_id": payment_method_row_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def detach(
        self,
        *,
        payment_method_row_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Detached:
        """
        Detach a card for good.

        Where it was the default, the newest other card becomes it. A card that a payment is under way with
        can't be detached.

        Operation `payment_methods.detach`; needs billing:write; effect `destructive`.

        :param payment_method_row_id: The payment method, by its `id`. (id)
        """
        return await self._caller.one(
            catalogue.PAYMENT_METHODS_DETACH,
            {
                "payment_method_row_id": payment_method_row_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Webhooks:
    """
    What the card processor tells.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def stripe(
        self,
        *,
        body: bytes,
        headers: Mapping[str, str],
        timeout: Optional[float] = None,
    ) -> types.Receipt:
        """
        Take in an event of Stripe's.

        The body is the event as Stripe sends it, and `Stripe-Signature` has to fit its bytes by one of the
        configured secrets, with a time at most 300 seconds from now. Events that were taken in before, that
        are of no interest, or that are about somebody else's payments are answered alike.

        The body goes out as it is, with these headers.

        Operation `webhooks.stripe`; needs no token; effect `compute`.
        """
        return await self._caller.raw(
            catalogue.WEBHOOKS_STRIPE,
            body,
            headers,
            timeout=timeout,
        )


class AdminRuns:
    """
    The operations of `admin.runs`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        organization_id: Optional[str] = None,
        period: Optional[str] = None,
        status: Optional[Literal['running', 'completed', 'nothing_to_do', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.ListedRun]:
        """
        List monthly runs of all organizations, the newest month first.

        A run that is parked is `failed`; its `problem` says what for. It goes on when the month is run
        again, with `billing.run_monthly_for_org`, or `billing.run_monthly_cron` for all that failed.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `admin.runs.list`; needs admin:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param organization_id: Only those of this organization. (id)
        :param period: Only those of this month, YYYY-MM. (text, exactly 7 characters)
        :param status: Only those that have come so far; `failed` are also those that are parked. (text, one
            of running completed nothing_to_do failed)
        """
        return await self._caller.page(
            catalogue.ADMIN_RUNS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "organization_id": organization_id,
                "period": period,
                "status": status,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        organization_id: Optional[str] = None,
        period: Optional[str] = None,
        status: Optional[Literal['running', 'completed', 'nothing_to_do', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.ListedRun]:
        """
        List monthly runs of all organizations, the newest month first.

        A run that is parked is `failed`; its `problem` says what for. It goes on when the month is run
        again, with `billing.run_monthly_for_org`, or `billing.run_monthly_cron` for all that failed.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `admin.runs.list`; needs admin:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param organization_id: Only those of this organization. (id)
        :param period: Only those of this month, YYYY-MM. (text, exactly 7 characters)
        :param status: Only those that have come so far; `failed` are also those that are parked. (text, one
            of running completed nothing_to_do failed)
        """
        return self._caller.rows(
            catalogue.ADMIN_RUNS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "organization_id": organization_id,
                "period": period,
                "status": status,
            },
            timeout=timeout,
        )


class AdminOrganizations:
    """
    Organizations in the operator's hands.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        name: str,
        display_name: Optional[str] = None,
        description: Optional[str] = None,
        website: Optional[str] = None,
        industry: Optional[str] = None,
        size: Optional[str] = None,
        country: Optional[str] = None,
        abn: Optional[str] = None,
        tax_number: Optional[str] = None,
        billing_email: Optional[str] = None,
        billing_admin_id: Optional[str] = None,
        billing_address: Optional[types.AddressInput] = None,
        enterprise_billing: Optional[bool] = None,
        currency: Optional[Literal['AUD', 'SGD', 'GBP', 'NZD', 'USD']] = None,
        timezone: Optional[str] = None,
        is_personal: Optional[bool] = None,
        owner_email: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Organization:
        """
        Create an organization for a customer.

        Operation `admin.organizations.create`; needs admin:write; effect `compute`.

        :param name: Its name. (text, 1 to 200 characters)
        :param display_name: What to show instead of the name. (text, 1 to 200 characters)
        :param description: What it does. (text, 1 to 2000 characters)
        :param website: Its website. (uri, 1 to 500 characters)
        :param industry: Its industry. (text, 1 to 100 characters)
        :param size: How large it is, in its own words. (text, 1 to 50 characters)
        :param country: Its country, ISO 3166-1 alpha-2. (text, exactly 2 characters)
        :param abn: Its Australian Business Number. (text, exactly 11 characters)
        :param tax_number: Its tax number elsewhere. (text, 1 to 50 characters)
        :param billing_email: Where invoices and alerts go. (email, 3 to 254 characters)
        :param billing_admin_id: The person who answers for billing. (id)
        :param billing_address: The address on invoices. (object)
        :param enterprise_billing: Ask to pay afterwards, by invoice; an operator decides. (boolean)
        :param currency: The currency it pays in; AUD. (text, one of AUD SGD GBP NZD USD)
        :param timezone: Its IANA time zone; UTC. (text, 1 to 64 characters)
        :param is_personal: Whether it stands for one person. (boolean)
        :param owner_email: Whom to invite as its owner; without it the organization is nobody's until one
            is named. (email, 3 to 254 characters)
        """
        return await self._caller.one(
            catalogue.ADMIN_ORGANIZATIONS_CREATE,
            {
                "name": name,
                "display_name": display_name,
                "description": description,
                "website": website,
                "industry": industry,
                "size": size,
                "country": country,
                "abn": abn,
                "tax_number": tax_number,
                "billing_email": billing_email,
                "billing_admin_id": billing_admin_id,
                "billing_address": billing_address,
                "enterprise_billing": enterprise_billing,
                "currency": currency,
                "timezone": timezone,
                "is_personal": is_personal,
                "owner_email": owner_email,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def list(
        self,
        *,
        query: Optional[str] = None,
        status: Optional[Literal['active', 'closed']] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Organization]:
        """
        List every organization, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `admin.organizations.list`; needs admin:read; effect `read`.

        :param query: Part of the name, in any case. (text, 1 to 200 characters)
        :param status: Only those in this state. (text, one of active closed)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.ADMIN_ORGANIZATIONS_LIST,
            {
                "query": query,
                "status": status,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        query: Optional[str] = None,
        status: Optional[Literal['active', 'closed']] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Organization]:
        """
        List every organization, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `admin.organizations.list`; needs admin:read; effect `read`.

        :param query: Part of the name, in any case. (text, 1 to 200 characters)
        :param status: Only those in this state. (text, one of active closed)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.ADMIN_ORGANIZATIONS_LIST,
            {
                "query": query,
                "status": status,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def set(
        self,
        *,
        organization_id: str,
        owner_email: Optional[str] = None,
        enterprise_billing: Optional[bool] = None,
        spending_limit_hard: Optional[Number] = None,
        rate_limit: Optional[int] = None,
        hubspot_id: Optional[str] = None,
        status: Optional[Literal['active', 'closed']] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Organization:
        """
        Change what only the operator decides about an organization.

        Operation `admin.organizations.set`; needs admin:write; effect `compute`.

        :param organization_id: The organization to change. (id)
        :param owner_email: Whom to invite as an owner. (email, 3 to 254 characters)
        :param enterprise_billing: Whether it pays afterwards, by invoice; possible only with a hard limit.
            (boolean)
        :param spending_limit_hard: The most it may spend in a cycle, in its currency; 0 for no limit.
            (number, 0 to 1000000000)
        :param rate_limit: Requests a minute, instead of the platform's. (integer, 1 to 10000000)
        :param hubspot_id: Its id in the operator's CRM. (text, 1 to 100 characters)
        :param status: `closed` ends its keys at once; `active` reopens it. (text, one of active closed)
        """
        return await self._caller.one(
            catalogue.ADMIN_ORGANIZATIONS_SET,
            {
                "organization_id": organization_id,
                "owner_email": owner_email,
                "enterprise_billing": enterprise_billing,
                "spending_limit_hard": spending_limit_hard,
                "rate_limit": rate_limit,
                "hubspot_id": hubspot_id,
                "status": status,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class AdminUsers:
    """
    The operations of `admin.users`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        query: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.AdminUser]:
        """
        List every person who has signed up, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `admin.users.list`; needs admin:read; effect `read`.

        :param query: Part of the e-mail address or of the name, in any case. (text, 1 to 254 characters)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.ADMIN_USERS_LIST,
            {
                "query": query,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        query: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.AdminUser]:
        """
        List every person who has signed up, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `admin.users.list`; needs admin:read; effect `read`.

        :param query: Part of the e-mail address or of the name, in any case. (text, 1 to 254 characters)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.ADMIN_USERS_LIST,
            {
                "query": query,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )


class AdminIdentities:
    """
    The operations of `admin.identities`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def link(
        self,
        *,
        issuer: str,
        subject: str,
        user_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Identity:
        """
        Say which person here a person of the outside identity provider is.

        Doing it again changes nothing; a subject that is linked to somebody else is unlinked first.

        Operation `admin.identities.link`; needs admin:write; effect `compute`.

        :param issuer: The identity provider, as `iss` names it. (text, 1 to 500 characters)
        :param subject: The person there, as `sub` names them. (text, 1 to 255 characters)
        :param user_id: The person here. (id)
        """
        return await self._caller.one(
            catalogue.ADMIN_IDENTITIES_LINK,
            {
                "issuer": issuer,
                "subject": subject,
                "user_id": user_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def unlink(
        self,
        *,
        issuer: str,
        subject: str,
        user_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Unlinked:
        """
        Part a person here from a person of the outside identity provider.

        Operation `admin.identities.unlink`; needs admin:write; effect `destructive`.

        :param issuer: The identity provider, as `iss` names it. (text, 1 to 500 characters)
        :param subject: The person there, as `sub` names them. (text, 1 to 255 characters)
        :param user_id: The person here. (id)
        """
        return await self._caller.one(
            catalogue.ADMIN_IDENTITIES_UNLINK,
            {
                "issuer": issuer,
                "subject": subject,
                "user_id": user_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def list(
        self,
        *,
        user_id: str,
        timeout: Optional[float] = None,
    ) -> types.Identities:
        """
        List who a person is at the outside identity provider.

        Operation `admin.identities.list`; needs admin:read; effect `read`.

        :param user_id: The person. (id)
        """
        return await self._caller.one(
            catalogue.ADMIN_IDENTITIES_LIST,
            {
                "user_id": user_id,
            },
            timeout=timeout,
        )


class AdminLedger:
    """
    The operations of `admin.ledger`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def verify(
        self,
        *,
        organization_id: Optional[str] = None,
        full: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> types.AllVerified:
        """
        Prove that the ledgers of all organizations, or of one, are whole.

        Operation `admin.ledger.verify`; needs admin:read; effect `read`.

        :param organization_id: Only this one's ledger. (id)
        :param full: From the first entries on, instead of from the last nightly proofs. (boolean)
        """
        return await self._caller.one(
            catalogue.ADMIN_LEDGER_VERIFY,
            {
                "organization_id": organization_id,
                "full": full,
            },
            timeout=timeout,
        )


class AdminSubscriptions:
    """
    Payments of subscriptions that were taken outside.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def mark_payment(
        self,
        *,
        organization_id: str,
        outcome: Literal['made', 'failed'],
        product: Optional[Literal['platform', 'spaces']] = None,
        invoice_number: Optional[str] = None,
        amount: Optional[Number] = None,
        reason: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Subscription:
        """
        Note that a subscription's payment, taken outside, was made or failed.

        A failed one makes the subscription past due; one that still fails a week after the first pauses it.
        A made one ends both at once. Of a subscription that ended while it was owed, a made one lets the
        product be started again.

        Operation `admin.subscriptions.mark_payment`; needs admin:write; effect `compute`.

        :param organization_id: Whose payment it is. (id)
        :param product: The product; platform. (text, one of platform spaces)
        :param outcome: What became of it. (text, one of made failed)
        :param invoice_number: The invoice that it was for. (text, 1 to 100 characters)
        :param amount: What is owed, in the organization's currency. (amount, at least 0.000001)
        :param reason: Why it failed. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.ADMIN_SUBSCRIPTIONS_MARK_PAYMENT,
            {
                "organization_id": organization_id,
                "product": product,
                "outcome": outcome,
                "invoice_number": invoice_number,
                "amount": amount,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Admin:
    """
    The operations of `admin`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self.runs = AdminRuns(caller)
        self.organizations = AdminOrganizations(caller)
        self.users = AdminUsers(caller)
        self.identities = AdminIdentities(caller)
        self.ledger = AdminLedger(caller)
        self.subscriptions = AdminSubscriptions(caller)

    async def reconcile(
        self,
        *,
        from_: Optional[str] = None,
        to: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Reconciliation:
        """
        Hold the ledger against the card processor, and show what differs.

        At most 31 days, `from` and `to` included, in UTC. A charge or refund counts on the day on which the
        processor made it; nothing that is younger than 15 minutes is looked at.

        Operation `admin.reconcile`; needs admin:read; effect `read`.

        :param from_: The first day, in UTC; the same as `to` where it is not given. (date, YYYY-MM-DD)
        :param to: The last day, which is included; yesterday where it is not given. (date, YYYY-MM-DD)
        """
        return await self._caller.one(
            catalogue.ADMIN_RECONCILE,
            {
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )


class UsageMetrics:
    """
    What can be counted.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.UsageMetric]:
        """
        List what can be counted, by name.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `usage.metrics.list`; needs usage:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.USAGE_METRICS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.UsageMetric]:
        """
        List what can be counted, by name.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `usage.metrics.list`; needs usage:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.USAGE_METRICS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def create(
        self,
        *,
        name: str,
        aggregation: Literal['sum', 'count', 'max', 'last', 'unique'],
        unit: str,
        property: Optional[str] = None,
        unit_credits: Optional[Number] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.UsageMetric:
        """
        Make a metric that events can name.

        A metric belongs to the platform and stays as it was made. Making it again with the same fields
        answers the one that is there.

        Operation `usage.metrics.create`; needs admin:write; effect `compute`.

        :param name: What events will call it. (text, 1 to 100 characters)
        :param aggregation: The sum of quantities, the number of events, the greatest or the last quantity,
            or the number of different values of a property. (text, one of sum count max last unique)
        :param unit: What one of it is, such as `token`. (text, 1 to 40 characters)
        :param property: The property whose different values are counted; needed for `unique`, and for
            nothing else. (text, 1 to 100 characters)
        :param unit_credits: Credits for one unit, charged as it is used. Not for `last`, which may fall.
            (quantity, 0.000001 to 10000)
        """
        return await self._caller.one(
            catalogue.USAGE_METRICS_CREATE,
            {
                "name": name,
                "aggregation": aggregation,
                "unit": unit,
                "property": property,
                "unit_credits": unit_credits,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Usage:
    """
    What was used, and how much of it there is left.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self.metrics = UsageMetrics(caller)

    async def record(
        self,
        *,
        events: Union[Iterable[types.UsageEventInput], AsyncIterable[types.UsageEventInput], BinaryIO, bytes],
        timeout: Optional[float] = None,
    ) -> types.UsageRecorded:
        """
        Record what was used.

        An event is known by its metric and id, and counted once, for at least 45 days: a batch can be sent
        again after any failure. All of a batch is recorded, or nothing; events that can't be counted are
        named, and the others stand. Metrics with a price take their credits at once: where those do not
        suffice, nothing of the batch is recorded.

        The items go out one by one as the iterable gives them, or as they stand in a binary file of JSON
        lines; memory does not grow with them.

        Operation `usage.record`; needs usage:write; effect `compute`.

        :param events: The events. (list of objects)
        """
        return await self._caller.send(
            catalogue.USAGE_RECORD,
            events,
            timeout=timeout,
        )

    async def authorize(
        self,
        *,
        metric: str,
        quantity: Number,
        hold_seconds: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Authorization:
        """
        Ask whether so much may be used now, and hold it if so.

        The plan's quota of the cycle decides, and where more than the quota is sold, whether it can be
        paid: what all of the cycle's overage is worth has to fit into the credits that are available, and
        with what is spent into the hard limit. Of a metric that is charged as it is used, a hold reserves
        the credits, rounded up. A refusal is an answer, not an error. Only metrics that are summed or
        counted can be asked for.

        Operation `usage.authorize`; needs usage:write; effect `compute`.

        :param metric: What is to be used. (text, 1 to 100 characters)
        :param quantity: How much of it. (quantity, 0.000001 to 1000000000)
        :param hold_seconds: For how long it is held; where it is left out, nothing is. (integer, 1 to
            86400)
        """
        return await self._caller.one(
            catalogue.USAGE_AUTHORIZE,
            {
                "metric": metric,
                "quantity": quantity,
                "hold_seconds": hold_seconds,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def commit(
        self,
        *,
        hold_id: str,
        quantity: Number,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.EndedHold:
        """
        Count what was used of a hold, and end it.

        What was not used of it is given back. More than was held is taken only if it would be allowed now;
        else nothing changes. It is counted in the cycle that the hold was made in. Committing the same
        quantity again answers the same.

        Operation `usage.commit`; needs usage:write; effect `compute`.

        :param hold_id: The hold. (id)
        :param quantity: How much was used: less than was held, or more. (quantity, 0 to 1000000000)
        """
        return await self._caller.one(
            catalogue.USAGE_COMMIT,
            {
                "hold_id": hold_id,
                "quantity": quantity,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def release(
        self,
        *,
        hold_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.EndedHold:
        """
        End a hold of which nothing was used.

        A hold that was released before, or whose time is over, is answered as it is: nothing is held any
        more.

        Operation `usage.release`; needs usage:write; effect `compute`.

        :param hold_id: The hold. (id)
        """
        return await self._caller.one(
            catalogue.USAGE_RELEASE,
            {
                "hold_id": hold_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def current(
        self,
        *,
        organization_id: str,
        timeout: Optional[float] = None,
    ) -> types.UsageCurrent:
        """
        Read what the running cycle has used.

        Operation `usage.current`; needs usage:read; effect `read`.

        :param organization_id: The organization. (id)
        """
        return await self._caller.one(
            catalogue.USAGE_CURRENT,
            {
                "organization_id": organization_id,
            },
            timeout=timeout,
        )

    async def history(
        self,
        *,
        organization_id: str,
        months: Optional[int] = None,
        by: Optional[Literal['cycle', 'day']] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.UsagePast]:
        """
        List what cycles have used, or their days, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `usage.history`; needs usage:read; effect `read`.

        :param organization_id: The organization. (id)
        :param months: How far back: cycles that lie in the last so many months. (integer, 1 to 24, standard
            3)
        :param by: A row for each metric and cycle, or each day of it; cycle. (text, one of cycle day)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.USAGE_HISTORY,
            {
                "organization_id": organization_id,
                "months": months,
                "by": by,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def history_stream(
        self,
        *,
        organization_id: str,
        months: Optional[int] = None,
        by: Optional[Literal['cycle', 'day']] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.UsagePast]:
        """
        List what cycles have used, or their days, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `usage.history`; needs usage:read; effect `read`.

        :param organization_id: The organization. (id)
        :param months: How far back: cycles that lie in the last so many months. (integer, 1 to 24, standard
            3)
        :param by: A row for each metric and cycle, or each day of it; cycle. (text, one of cycle day)
        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.USAGE_HISTORY,
            {
                "organization_id": organization_id,
                "months": months,
                "by": by,
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )


class ApiKeys:
    """
    Keys by which programs call for an organization.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        name: str,
        permissions: Optional[Sequence[str]] = None,
        rate_limit: Optional[int] = None,
        expires_in_days: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.NewApiKey:
        """
        Make an API key of the organization.

        The token is in the reply and can't be read again. A key gets at most the scopes of its maker, and
        expires no later.

        Operation `api_keys.create`; needs api_keys:write; effect `export`.

        :param name: What the key is for. (text, 1 to 200 characters)
        :param permissions: Scopes and wildcards to give; `*:read` where none are named. (list of texts, 1
            to 40 items)
        :param rate_limit: Requests a minute of this key alone. (integer, 1 to 1000000)
        :param expires_in_days: Days until the key expires by itself. (integer, 1 to 3650)
        """
        return await self._caller.one(
            catalogue.API_KEYS_CREATE,
            {
                "name": name,
                "permissions": permissions,
                "rate_limit": rate_limit,
                "expires_in_days": expires_in_days,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def get(
        self,
        *,
        key_id: str,
        timeout: Optional[float] = None,
    ) -> types.ApiKey:
        """
        Read one API key.

        Operation `api_keys.get`; needs api_keys:read; effect `read`.

        :param key_id: The key. (id)
        """
        return await self._caller.one(
            catalogue.API_KEYS_GET,
            {
                "key_id": key_id,
            },
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.ApiKey]:
        """
        List the organization's API keys, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `api_keys.list`; needs api_keys:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.API_KEYS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.ApiKey]:
        """
        List the organization's API keys, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `api_keys.list`; needs api_keys:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.API_KEYS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def update(
        self,
        *,
        key_id: str,
        name: Optional[str] = None,
        rate_limit: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.ApiKey:
        """
        Change the name or the rate limit of an API key.

        Operation `api_keys.update`; needs api_keys:write; effect `compute`.

        :param key_id: The key. (id)
        :param name: A new name. (text, 1 to 200 characters)
        :param rate_limit: Requests a minute of this key alone. (integer, 1 to 1000000)
        """
        return await self._caller.one(
            catalogue.API_KEYS_UPDATE,
            {
                "key_id": key_id,
                "name": name,
                "rate_limit": rate_limit,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def rotate(
        self,
        *,
        key_id: str,
        overlap_seconds: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.NewApiKey:
        """
        Replace an API key by a new one with the same rights.

        The new key has an id of its own. The old one dies at once, or after `overlap_seconds`.

        Operation `api_keys.rotate`; needs api_keys:write; effect `export`.

        :param key_id: The key to replace. (id)
        :param overlap_seconds: How long the old key goes on working. (integer, 0 to 2592000, standard 0)
        """
        return await self._caller.one(
            catalogue.API_KEYS_ROTATE,
            {
                "key_id": key_id,
                "overlap_seconds": overlap_seconds,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def revoke(
        self,
        *,
        key_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Revoked:
        """
        Revoke an API key; it is refused from the very next request on.

        Operation `api_keys.revoke`; needs api_keys:write; effect `destructive`.

        :param key_id: The key. (id)
        """
        return await self._caller.one(
            catalogue.API_KEYS_REVOKE,
            {
                "key_id": key_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class AuthUsers:
    """
    The operations of `auth.users`.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        email: str,
        password: str,
        name: str,
        timeout: Optional[float] = None,
    ) -> types.CreatedUser:
        """
        Sign up.

        Operation `auth.users.create`; needs no token; effect `compute`.

        :param email: The e-mail address to sign in with. (email, 3 to 254 characters)
        :param password: The password; common ones are refused. (text, 12 to 200 characters)
        :param name: What the person is called. (text, 1 to 200 characters)
        """
        return await self._caller.one(
            catalogue.AUTH_USERS_CREATE,
            {
                "email": email,
                "password": password,
                "name": name,
            },
            timeout=timeout,
        )


class AuthSessions:
    """
    Signing in and out.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create(
        self,
        *,
        email: str,
        password: str,
        organization_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.SessionTokens:
        """
        Sign in.

        Ten failures of an address within 15 minutes lock it until the oldest of them is 15 minutes old.
        Known and unknown addresses are answered alike.

        Operation `auth.sessions.create`; needs no token; effect `export`.

        :param email: The e-mail address. (email, 3 to 254 characters)
        :param password: The password. (text, 1 to 200 characters)
        :param organization_id: The organization to act for; the first membership in an organization that is
            in use where left out. (id)
        """
        return await self._caller.one(
            catalogue.AUTH_SESSIONS_CREATE,
            {
                "email": email,
                "password": password,
                "organization_id": organization_id,
            },
            timeout=timeout,
        )

    async def refresh(
        self,
        *,
        refresh_token: str,
        timeout: Optional[float] = None,
    ) -> types.SessionTokens:
        """
        Exchange a refresh token for new tokens.

        A refresh token works once. One that comes a second time ends its session with every token that came
        of it.

        Operation `auth.sessions.refresh`; needs no token; effect `export`.

        :param refresh_token: The session's newest refresh token. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.AUTH_SESSIONS_REFRESH,
            {
                "refresh_token": refresh_token,
            },
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Session]:
        """
        List where you are signed in, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `auth.sessions.list`; needs a person's session; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.AUTH_SESSIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Session]:
        """
        List where you are signed in, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `auth.sessions.list`; needs a person's session; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.AUTH_SESSIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def revoke(
        self,
        *,
        session_id: Optional[str] = None,
        others: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> types.RevokedSessions:
        """
        Sign out: end this session, another of yours, or all others.

        The session's tokens are refused from the very next request on.

        Operation `auth.sessions.revoke`; needs a person's session; effect `destructive`.

        :param session_id: The session to end; this one where left out. (id)
        :param others: True: end all of your sessions but this one. (boolean)
        """
        return await self._caller.one(
            catalogue.AUTH_SESSIONS_REVOKE,
            {
                "session_id": session_id,
                "others": others,
            },
            timeout=timeout,
        )

    async def switch(
        self,
        *,
        organization_id: str,
        timeout: Optional[float] = None,
    ) -> types.Switched:
        """
        Act for another of your organizations in this session.

        Operation `auth.sessions.switch`; needs a person's session; effect `compute`.

        :param organization_id: One of the organizations that you are a member of. (id)
        """
        return await self._caller.one(
            catalogue.AUTH_SESSIONS_SWITCH,
            {
                "organization_id": organization_id,
            },
            timeout=timeout,
        )


class AuthPasswords:
    """
    Changing a password, and replacing a forgotten one.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def change(
        self,
        *,
        current_password: str,
        new_password: str,
        timeout: Optional[float] = None,
    ) -> types.ChangedPassword:
        """
        Change your password.

        All other sessions end. A wrong current password counts as a failed sign-in.

        Operation `auth.passwords.change`; needs a person's session; effect `compute`.

        :param current_password: The password as it is. (text, 1 to 200 characters)
        :param new_password: The password to be; common ones are refused. (text, 12 to 200 characters)
        """
        return await self._caller.one(
            catalogue.AUTH_PASSWORDS_CHANGE,
            {
                "current_password": current_password,
                "new_password": new_password,
            },
            timeout=timeout,
        )

    async def reset_request(
        self,
        *,
        email: str,
        timeout: Optional[float] = None,
    ) -> types.Nothing:
        """
        Ask for a mail by which a forgotten password is replaced.

        The answer is the same for every address. A person gets at most 3 such mails an hour, and each works
        once, for an hour.

        Operation `auth.passwords.reset_request`; needs no token; effect `compute`.

        :param email: The address of the person. (email, 3 to 254 characters)
        """
        return await self._caller.one(
            catalogue.AUTH_PASSWORDS_RESET_REQUEST,
            {
                "email": email,
            },
            timeout=timeout,
        )

    async def reset(
        self,
        *,
        token: str,
        new_password: str,
        timeout: Optional[float] = None,
    ) -> types.Nothing:
        """
        Choose a new password by the token of a mail.

        All sessions of the person end, and failed sign-ins are forgotten.

        Operation `auth.passwords.reset`; needs no token; effect `compute`.

        :param token: The token of the mail. (text, 1 to 500 characters)
        :param new_password: The password to be; common ones are refused. (text, 12 to 200 characters)
        """
        return await self._caller.one(
            catalogue.AUTH_PASSWORDS_RESET,
            {
                "token": token,
                "new_password": new_password,
            },
            timeout=timeout,
        )


class Auth:
    """
    People: signing up, and who a token stands for.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self.users = AuthUsers(caller)
        self.sessions = AuthSessions(caller)
        self.passwords = AuthPasswords(caller)

    async def whoami(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.Whoami:
        """
        Find out whom the token stands for, and what it may do.

        Operation `auth.whoami`; needs any token; effect `read`.
        """
        return await self._caller.one(
            catalogue.AUTH_WHOAMI,
            {
            },
            timeout=timeout,
        )


class Oauth:
    """
    OAuth 2.0 for programs that speak it.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def token(
        self,
        *,
        grant_type: str,
        username: Optional[str] = None,
        password: Optional[str] = None,
        refresh_token: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        scope: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.OauthToken:
        """
        Get an access token by OAuth 2.0.

        Grants: `password` and `refresh_token` of a person, as by auth.sessions; `client_credentials` of an
        API key.

        Operation `oauth.token`; needs no token; effect `export`.

        :param grant_type: `password`, `refresh_token` or `client_credentials`. (text, 1 to 100 characters)
        :param username: The e-mail address, for `password`. (text, 1 to 254 characters)
        :param password: The password, for `password`. (text, 1 to 200 characters)
        :param refresh_token: The newest refresh token, for `refresh_token`. (text, 1 to 500 characters)
        :param client_id: The API key's id or prefix; may be left out. (text, 1 to 100 characters)
        :param client_secret: The API key, for `client_credentials`; HTTP Basic can bring both instead.
            (text, 1 to 500 characters)
        :param scope: Less than all that could be given: scopes and wildcards, separated by blanks. A
            session stays so; at a refresh the new access token alone is. (text, 1 to 1000 characters)
        """
        return await self._caller.one(
            catalogue.OAUTH_TOKEN,
            {
                "grant_type": grant_type,
                "username": username,
                "password": password,
                "refresh_token": refresh_token,
                "client_id": client_id,
                "client_secret": client_secret,
                "scope": scope,
            },
            timeout=timeout,
        )

    async def revoke(
        self,
        *,
        token: str,
        token_type_hint: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Nothing:
        """
        Give a token back: it is refused from the very next request on.

        Either token of a session ends it. A token that is unknown is revoked already.

        Operation `oauth.revoke`; needs no token; effect `destructive`.

        :param token: The token to revoke. (text, 1 to 4000 characters)
        :param token_type_hint: Not needed; every kind is looked for. (text, 1 to 100 characters)
        """
        return await self._caller.one(
            catalogue.OAUTH_REVOKE,
            {
                "token": token,
                "token_type_hint": token_type_hint,
            },
            timeout=timeout,
        )


class EventSubscriptionsDeliveries:
    """
    What was sent to subscriptions.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        subscription_id: Optional[str] = None,
        status: Optional[Literal['pending', 'delivered', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.EventDelivery]:
        """
        List what was sent to the organization's subscriptions, with every attempt, newest first.

        Deliveries are kept for 30 days.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `event_subscriptions.deliveries.list`; needs event_subscriptions:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param subscription_id: Only those to this subscription. (id)
        :param status: Only those. (text, one of pending delivered failed)
        """
        return await self._caller.page(
            catalogue.EVENT_SUBSCRIPTIONS_DELIVERIES_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "subscription_id": subscription_id,
                "status": status,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        subscription_id: Optional[str] = None,
        status: Optional[Literal['pending', 'delivered', 'failed']] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.EventDelivery]:
        """
        List what was sent to the organization's subscriptions, with every attempt, newest first.

        Deliveries are kept for 30 days.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `event_subscriptions.deliveries.list`; needs event_subscriptions:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param subscription_id: Only those to this subscription. (id)
        :param status: Only those. (text, one of pending delivered failed)
        """
        return self._caller.rows(
            catalogue.EVENT_SUBSCRIPTIONS_DELIVERIES_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "subscription_id": subscription_id,
                "status": status,
            },
            timeout=timeout,
        )


class EventSubscriptions:
    """
    Events sent to addresses of the organization's own.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self.deliveries = EventSubscriptionsDeliveries(caller)

    async def create(
        self,
        *,
        event_type: str,
        endpoint_url: str,
        filter_config: Optional[Mapping[str, Any]] = None,
        headers: Optional[Mapping[str, Any]] = None,
        description: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.NewEventSubscription:
        """
        Have events sent to an address of yours.

        Events are sent by POST, at least once each, signed as Standard Webhooks says; an answer of 2xx
        within 10 seconds is success. First attempts begin in order; what fails is sent again after 10 s, 1
        m, 10 m, 1 h, 6 h and 24 h, and after that, or on 410, the subscription is paused. An organization
        has at most 50.

        Operation `event_subscriptions.create`; needs event_subscriptions:write; effect `export`.

        :param event_type: A type of the catalogue, or `*` for all of them. (text, 1 to 60 characters)
        :param endpoint_url: Where to send them: https, and no private address. (text, 1 to 2000 characters)
        :param filter_config: Send only events whose `data` has these members with these values, such as
            {\"metric\": \"requests\"}. (object)
        :param headers: Headers of your own, by name; 20 at most. Their values are shown to nobody again.
            (object)
        :param description: What it is for. (text, 1 to 500 characters)
        """
        return await self._caller.one(
            catalogue.EVENT_SUBSCRIPTIONS_CREATE,
            {
                "event_type": event_type,
                "endpoint_url": endpoint_url,
                "filter_config": filter_config,
                "headers": headers,
                "description": description,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def get(
        self,
        *,
        subscription_id: str,
        timeout: Optional[float] = None,
    ) -> types.EventSubscription:
        """
        Read one subscription to events.

        Operation `event_subscriptions.get`; needs event_subscriptions:read; effect `read`.

        :param subscription_id: The subscription. (id)
        """
        return await self._caller.one(
            catalogue.EVENT_SUBSCRIPTIONS_GET,
            {
                "subscription_id": subscription_id,
            },
            timeout=timeout,
        )

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.EventSubscription]:
        """
        List the organization's subscriptions to events, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `event_subscriptions.list`; needs event_subscriptions:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return await self._caller.page(
            catalogue.EVENT_SUBSCRIPTIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.EventSubscription]:
        """
        List the organization's subscriptions to events, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `event_subscriptions.list`; needs event_subscriptions:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        """
        return self._caller.rows(
            catalogue.EVENT_SUBSCRIPTIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
            },
            timeout=timeout,
        )

    async def update(
        self,
        *,
        subscription_id: str,
        event_type: Optional[str] = None,
        endpoint_url: Optional[str] = None,
        filter_config: Optional[Mapping[str, Any]] = None,
        headers: Optional[Mapping[str, Any]] = None,
        description: Optional[str] = None,
        status: Optional[Literal['active', 'paused']] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.EventSubscription:
        """
        Change, pause or resume a subscription to events.

        While it is paused no event is added, and what waits is kept, for 30 days; resumed, it goes on at
        once, the oldest first. What has begun may still arrive.

        Operation `event_subscriptions.update`; needs event_subscriptions:write; effect `compute`.

        :param subscription_id: The subscription. (id)
        :param event_type: A type of the catalogue, or `*` for all of them. (text, 1 to 60 characters)
        :param endpoint_url: Where to send them: https, and no private address. (text, 1 to 2000 characters)
        :param filter_config: Send only events whose `data` has these members with these values, such as
            {\"metric\": \"requests\"}. `{}` for none. (object)
        :param headers: Headers of your own, by name; 20 at most. Their values are shown to nobody again.
            `{}` for none. (object)
        :param description: What it is for. (text, 1 to 500 characters)
        :param status: `paused` to send nothing, `active` to go on. (text, one of active paused)
        """
        return await self._caller.one(
            catalogue.EVENT_SUBSCRIPTIONS_UPDATE,
            {
                "subscription_id": subscription_id,
                "event_type": event_type,
                "endpoint_url": endpoint_url,
                "filter_config": filter_config,
                "headers": headers,
                "description": description,
                "status": status,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def delete(
        self,
        *,
        subscription_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.SubscriptionDeleted:
        """
        Delete a subscription to events.

        What waits for it is not sent any more. Its deliveries can be listed for 30 days.

        Operation `event_subscriptions.delete`; needs event_subscriptions:write; effect `destructive`.

        :param subscription_id: The subscription. (id)
        """
        return await self._caller.one(
            catalogue.EVENT_SUBSCRIPTIONS_DELETE,
            {
                "subscription_id": subscription_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def rotate_secret(
        self,
        *,
        subscription_id: str,
        overlap_seconds: Optional[int] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.RotatedSecret:
        """
        Replace the secret that a subscription's events are signed with.

        Until the overlap is over each event carries a signature by either secret, the new one's first. One
        that was being replaced already signs no more.

        Operation `event_subscriptions.rotate_secret`; needs event_subscriptions:write; effect `export`.

        :param subscription_id: The subscription. (id)
        :param overlap_seconds: How long the secret before goes on signing beside the new one. (integer, 0
            to 604800, standard 86400)
        """
        return await self._caller.one(
            catalogue.EVENT_SUBSCRIPTIONS_ROTATE_SECRET,
            {
                "subscription_id": subscription_id,
                "overlap_seconds": overlap_seconds,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def redeliver(
        self,
        *,
        delivery_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.EventDelivery:
        """
        Send a delivery once more, at once, also one that has arrived.

        It carries the same `webhook-id`. Where the subscription is paused it waits until that is resumed;
        where it was deleted the answer is 404. A delivery has at most 100 attempts.

        Operation `event_subscriptions.redeliver`; needs event_subscriptions:write; effect `compute`.

        :param delivery_id: The delivery. (id)
        """
        return await self._caller.one(
            catalogue.EVENT_SUBSCRIPTIONS_REDELIVER,
            {
                "delivery_id": delivery_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def test(
        self,
        *,
        subscription_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.SubscriptionTested:
        """
        Send an event of the type `webhook.test` to a subscription, and tell what was answered.

        It is sent once, also while the subscription is paused, and changes nothing about it. The endpoint
        has 5 seconds. Few endpoints are tried at once, of an organization one: 503 `busy` tells that it is
        somebody else's turn.

        Operation `event_subscriptions.test`; needs event_subscriptions:write; effect `compute`.

        :param subscription_id: The subscription. (id)
        """
        return await self._caller.one(
            catalogue.EVENT_SUBSCRIPTIONS_TEST,
            {
                "subscription_id": subscription_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Events:
    """
    What has happened in the organization.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        type: Optional[str] = None,
        after_event_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Event]:
        """
        List what has happened in the organization, in the order in which webhooks begin.

        Instead of webhooks, or to fill a gap: ask for what came behind the last event that you have
        (`after_event_id`). Nothing ever appears before an event that was listed. An event appears about a
        second after it happened, and is kept for 90 days, or as long as the operator has set
        (`event_days`).

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `events.list`; needs event_subscriptions:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param type: Only events of this type. (text, 1 to 60 characters)
        :param after_event_id: Only what came behind this event. (id)
        """
        return await self._caller.page(
            catalogue.EVENTS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "type": type,
                "after_event_id": after_event_id,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        type: Optional[str] = None,
        after_event_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Event]:
        """
        List what has happened in the organization, in the order in which webhooks begin.

        Instead of webhooks, or to fill a gap: ask for what came behind the last event that you have
        (`after_event_id`). Nothing ever appears before an event that was listed. An event appears about a
        second after it happened, and is kept for 90 days, or as long as the operator has set
        (`event_days`).

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `events.list`; needs event_subscriptions:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param type: Only events of this type. (text, 1 to 60 characters)
        :param after_event_id: Only what came behind this event. (id)
        """
        return self._caller.rows(
            catalogue.EVENTS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "type": type,
                "after_event_id": after_event_id,
            },
            timeout=timeout,
        )


class Notifications:
    """
    What a person is told.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        unread_only: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Notification]:
        """
        List what the person was told, newest first.

        The inbox is the person's own, over every organization, whichever the session acts for. What was
        dismissed is not shown.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `notifications.list`; needs notifications:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param unread_only: Only what was not read yet. (boolean)
        """
        return await self._caller.page(
            catalogue.NOTIFICATIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "unread_only": unread_only,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        unread_only: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Notification]:
        """
        List what the person was told, newest first.

        The inbox is the person's own, over every organization, whichever the session acts for. What was
        dismissed is not shown.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `notifications.list`; needs notifications:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param unread_only: Only what was not read yet. (boolean)
        """
        return self._caller.rows(
            catalogue.NOTIFICATIONS_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "unread_only": unread_only,
            },
            timeout=timeout,
        )

    async def unread_count(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> types.UnreadCount:
        """
        Count what the person has not read yet, over every organization.

        Operation `notifications.unread_count`; needs notifications:read; effect `read`.
        """
        return await self._caller.one(
            catalogue.NOTIFICATIONS_UNREAD_COUNT,
            {
            },
            timeout=timeout,
        )

    async def mark_read(
        self,
        *,
        notification_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Notification:
        """
        Mark one notification as read.

        Doing it again changes nothing: `read_at` stays the first time.

        Operation `notifications.mark_read`; needs notifications:write; effect `compute`.

        :param notification_id: The notification. (id)
        """
        return await self._caller.one(
            catalogue.NOTIFICATIONS_MARK_READ,
            {
                "notification_id": notification_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def mark_all_read(
        self,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Marked:
        """
        Mark the whole inbox as read, over every organization.

        Operation `notifications.mark_all_read`; needs notifications:write; effect `compute`.
        """
        return await self._caller.one(
            catalogue.NOTIFICATIONS_MARK_ALL_READ,
            {
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def dismiss(
        self,
        *,
        notification_id: str,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> types.Dismissed:
        """
        Take one notification out of the inbox.

        It is shown to nobody any more and forgotten within a day; until then doing it again is fine.

        Operation `notifications.dismiss`; needs notifications:write; effect `compute`.

        :param notification_id: The notification. (id)
        """
        return await self._caller.one(
            catalogue.NOTIFICATIONS_DISMISS,
            {
                "notification_id": notification_id,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
        )


class Audit:
    """
    Who did what, and the proof that it was not changed.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        actor: Optional[str] = None,
        operation: Optional[str] = None,
        outcome: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncPage[types.Deed]:
        """
        List what was done in the organization, and by whom, newest first.

        Gives a page; iterating over it goes on through the pages that follow.

        Operation `audit.list`; needs audit:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param from_: Not before this moment. (time)
        :param to: Before this moment. (time)
        :param actor: Only the deeds of this key or person. (id)
        :param operation: Only deeds of this operation. (text, 1 to 80 characters)
        :param outcome: Only deeds that ended so: `ok`, or the code of a problem. (text, 1 to 40 characters)
        """
        return await self._caller.page(
            catalogue.AUDIT_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "from": from_,
                "to": to,
                "actor": actor,
                "operation": operation,
                "outcome": outcome,
            },
            timeout=timeout,
        )

    def list_stream(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        from_: Optional[Instant] = None,
        to: Optional[Instant] = None,
        actor: Optional[str] = None,
        operation: Optional[str] = None,
        outcome: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncRows[types.Deed]:
        """
        List what was done in the organization, and by whom, newest first.

        Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not grow with
        them.

        Operation `audit.list`; needs audit:read; effect `read`.

        :param limit: Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling.
            (integer, 1 to 1000)
        :param cursor: The `next_cursor` of the page before. (text, 1 to 500 characters)
        :param from_: Not before this moment. (time)
        :param to: Before this moment. (time)
        :param actor: Only the deeds of this key or person. (id)
        :param operation: Only deeds of this operation. (text, 1 to 80 characters)
        :param outcome: Only deeds that ended so: `ok`, or the code of a problem. (text, 1 to 40 characters)
        """
        return self._caller.rows(
            catalogue.AUDIT_LIST,
            {
                "limit": limit,
                "cursor": cursor,
                "from": from_,
                "to": to,
                "actor": actor,
                "operation": operation,
                "outcome": outcome,
            },
            timeout=timeout,
        )


class Operations:
    """
    All operations, by their names.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self.organizations = Organizations(caller)
        self.billing = Billing(caller)
        self.orders = Orders(caller)
        self.payment_methods = PaymentMethods(caller)
        self.webhooks = Webhooks(caller)
        self.admin = Admin(caller)
        self.usage = Usage(caller)
        self.api_keys = ApiKeys(caller)
        self.auth = Auth(caller)
        self.oauth = Oauth(caller)
        self.event_subscriptions = EventSubscriptions(caller)
        self.events = Events(caller)
        self.notifications = Notifications(caller)
        self.audit = Audit(caller)
