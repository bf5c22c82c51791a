-- The end of a WRITE operation in one round trip: the reply is stored under the claim (where there is one: p_space is not
-- NULL), the audit row is left, and all is committed. Only this procedure changes a claim, so the workers need no right to.

CREATE PROCEDURE finish(
	IN p_space BINARY(16),
	IN p_operation VARBINARY(80),
	IN p_key VARBINARY(255),
	IN p_status SMALLINT,
	IN p_reply MEDIUMBLOB,
	IN p_reply_sealed BOOLEAN,
	IN p_call BINARY(16),
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_actor_type VARBINARY(20),
	IN p_actor BINARY(16),
	IN p_address VARBINARY(45),
	IN p_target_type VARBINARY(40),
	IN p_target BINARY(16),
	IN p_outcome VARBINARY(40),
	IN p_request VARBINARY(64)
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	IF p_space IS NOT NULL THEN
		UPDATE idempotency
		SET status = p_status, reply = p_reply, reply_sealed = p_reply_sealed
		WHERE space = p_space AND operation = p_operation AND idempotency_key = p_key AND call_id = p_call;
		IF ROW_COUNT() <> 1 THEN
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'finish: the claim is not there';
		END IF;
	END IF;
	INSERT INTO audit (id, organization_id, at, actor_type, actor_id, address, operation, target_type, target_id, outcome,
		request_id)
	VALUES (p_call, p_organization, p_at, p_actor_type, p_actor, p_address, p_operation, p_target_type, p_target,
		p_outcome, p_request);
	COMMIT;
END;
