-- Attacks by raw SQL from a notebook, each with the login that tries it and the state it is refused with.
-- Form: login, state, title, and below it one statement; "nothing" means that it runs and changes no row.
-- In braces: records of the arena in test_attacks.py.

-- olga 42501: moves her system to deployment
UPDATE aims_system SET stage = 'deployment' WHERE system_id = 'ticket-triage'

-- olga 42501: shows it as approved
UPDATE aims_system SET approval_state = 'approved' WHERE system_id = 'ticket-triage'

-- olga 42501: lowers its tier, so that one approval is enough
UPDATE aims_system SET tier = 'minimal' WHERE system_id = 'ticket-triage'

-- olga 42501: winds its revision back
UPDATE aims_system SET revision = 1 WHERE system_id = 'ticket-triage'

-- olga 42501: replaces the digest
UPDATE aims_system SET digest = '{digest}' WHERE system_id = 'ticket-triage'

-- olga 42501: rewrites the description without a revision
UPDATE aims_system SET use_case = 'harmless' WHERE system_id = 'ticket-triage'

-- olga 42501: gives the system away without a revision
UPDATE aims_system SET owner = 'ines' WHERE system_id = 'ticket-triage'

-- olga 42501: resumes without an approval
UPDATE aims_system SET status = 'active' WHERE system_id = 'chat'

-- olga 42501: deletes a system
DELETE FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: empties the register
TRUNCATE aims_system CASCADE

-- olga passes: registers a system
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: registers a system that runs already, as if it were new
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'deployment', status, 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: registers a system as approved
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', status, 'undetermined', 'approved', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: registers a system with a tier of her choice
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', status, 'minimal', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: registers a system in the past
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', status, 'undetermined', 'none', 'new', 1, digest, '2020-01-01T00:00:00.000000Z', '2020-01-01T00:00:00.000000Z', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: registers a system with a high revision
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', status, 'undetermined', 'none', 'new', 9, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: registers a suspended system as new
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'suspended', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: enters a legacy system at the beginning of its life
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'legacy', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- aude AIMS1: an auditor registers a system
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: revises with a digest that is not that of the description
INSERT INTO aims_system_revision SELECT system_id, 2, content, repeat('0', 64), 'olga', '{now}' FROM aims_system_revision WHERE system_id = 'payroll'

-- olga 42501: revises with a field too many
INSERT INTO aims_system_revision VALUES ('payroll', 2, '{wide}', encode(sha256('{wide}'), 'hex'), 'olga', '{now}')

-- olga 42501: revises in the name of another
INSERT INTO aims_system_revision SELECT system_id, 2, content, digest, 'ines', '{now}' FROM aims_system_revision WHERE system_id = 'payroll'

-- olga AIMS3: skips a revision
INSERT INTO aims_system_revision SELECT system_id, 7, content, digest, 'olga', '{now}' FROM aims_system_revision WHERE system_id = 'payroll'

-- carl 42501: a committee member revises
INSERT INTO aims_system_revision SELECT system_id, 2, content, digest, 'carl', '{now}' FROM aims_system_revision WHERE system_id = 'payroll'

-- uma 42501: moves a system of her unit to another's
INSERT INTO aims_system_revision VALUES ('ticket-triage', 2, '{moved}', encode(sha256(convert_to('{moved}', 'UTF8')), 'hex'), 'uma', '{now}')

-- olga passes: revises a system
INSERT INTO aims_system_revision VALUES ('ticket-triage', 2, '{moved}', encode(sha256(convert_to('{moved}', 'UTF8')), 'hex'), 'olga', '{now}')

-- olga 42501: rewrites who wrote a revision
UPDATE aims_system_revision SET author = 'ines'

-- olga 42501: forgets a revision
DELETE FROM aims_system_revision

-- olga 42501: sets a tier by a result that is no assessment
INSERT INTO aims_result SELECT 'x', 'rating', 'ticket-triage', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, 'minimal', 'olga', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- imre 42501: an incident manager assesses
INSERT INTO aims_result SELECT 'x', 'risk_assessment', 'ticket-triage', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, 'minimal', 'imre', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- olga 42501: records a result in the name of another
INSERT INTO aims_result SELECT 'x', 'note', 'ticket-triage', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, NULL, 'rita', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- olga 42501: rewrites a result
UPDATE aims_result SET payload = '{{}}'

-- olga 42501: rewrites who assessed
UPDATE aims_result SET recorded_by = 'rita'

-- olga 42501: forgets an assessment
DELETE FROM aims_result

-- cora 42501: votes with the working credential
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'approve', '', '{digest}', '{now}', '', '', 1)

-- cora_decide passes: votes with the decision credential
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'approve', '', '{digest}', '{now}', '', '', 1)

-- cora_decide 42501: votes in the name of another
INSERT INTO aims_vote VALUES ('x', '{req}', 'carl', 'carl', 'committee_member', 'approve', '', '{digest}', '{now}', '', '', 9)

-- cora_decide 42501: votes as another person
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'carl', 'committee_member', 'approve', '', '{digest}', '{now}', '', '', 1)

-- rita_decide 42501: votes in a role that she does not hold
INSERT INTO aims_vote VALUES ('x', '{req}', 'rita', 'rita', 'committee_member', 'approve', '', '{digest}', '{now}', '', '', 1)

-- rita_decide 42501: votes in a role that the step does not ask for
INSERT INTO aims_vote VALUES ('x', '{req}', 'rita', 'rita', 'risk_reviewer', 'approve', '', '{digest}', '{now}', '', '', 1)

-- olga_decide 42501: the requester votes
INSERT INTO aims_vote VALUES ('x', '{req}', 'olga', 'olga', 'committee_member', 'approve', '', '{digest}', '{now}', '', '', 1)

-- cora_decide AIMS3: votes on another content
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'approve', '', repeat('0', 64), '{now}', '', '', 1)

-- cora_decide AIMS2: votes on a closed request
INSERT INTO aims_vote VALUES ('x', '{closed}', 'cora', 'cora', 'committee_member', 'approve', '', '{chat_digest}', '{now}', '', '', 1)

-- cora_decide AIMS2: votes on no request
INSERT INTO aims_vote VALUES ('x', 'nowhere', 'cora', 'cora', 'committee_member', 'approve', '', '{digest}', '{now}', '', '', 1)

-- cora_decide AIMS2: votes on a request that expired
INSERT INTO aims_vote VALUES ('x', '{expired}', 'cora', 'cora', 'committee_member', 'approve', '', '{payroll_digest}', '{now}', '', '', 1)

-- cora_decide AIMS2: refuses without a reason
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'refuse', ' ', '{digest}', '{now}', '', '', 1)

-- cora_decide AIMS2: decides neither way
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'abstain', '', '{digest}', '{now}', '', '', 1)

-- cora_decide 42501: votes for somebody who lent her nothing
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'approve', '', '{digest}', '{now}', 'carl', 'carl', 1)

-- rita_decide 42501: votes for who lent her a seat, and says it was another person
INSERT INTO aims_vote VALUES ('x', '{req}', 'rita', 'rita', 'committee_member', 'approve', '', '{digest}', '{now}', 'carl', 'cora', 1)

-- rita_decide 42501: votes on a lent seat beyond its role
INSERT INTO aims_vote VALUES ('x', '{dep}', 'rita', 'rita', 'risk_reviewer', 'approve', '', '{chat_digest}', '{now}', 'carl', 'carl', 1)

-- rita_decide AIMS1: an assessor of the system approves it, and the seat is lent
INSERT INTO aims_vote VALUES ('x', '{req}', 'rita', 'rita', 'committee_member', 'approve', '', '{digest}', '{now}', 'carl', 'carl', 1)

-- dora_decide AIMS1: the editor approves what she wrote
INSERT INTO aims_vote VALUES ('x', '{own}', 'dora', 'dora', 'committee_member', 'approve', '', '{own_digest}', '{now}', '', '', 1)

-- dora_decide AIMS1: the developer approves
INSERT INTO aims_vote VALUES ('x', '{dep}', 'dora', 'dora', 'committee_member', 'approve', '', '{chat_digest}', '{now}', '', '', 1)

-- carl_decide 42501: rewrites his vote
UPDATE aims_vote SET decision = 'refuse'

-- carl_decide 42501: takes a vote away
DELETE FROM aims_vote

-- carl_decide 42501: takes every vote away
TRUNCATE aims_vote

-- olga AIMS2: steps through the gate with one of two approvals
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{digest}', '{req}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- carl_decide AIMS2: steps through the gate with one of two approvals
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{digest}', '{req}', 'carl', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: steps with one of two approvals, where nobody assessed what is declared high
INSERT INTO aims_transition VALUES ('x', 'declared', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{declared_digest}', '{declared}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- carl_decide AIMS2: steps with one of two approvals, where nobody assessed what is declared high
INSERT INTO aims_transition VALUES ('x', 'declared', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{declared_digest}', '{declared}', 'carl', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: steps without a request
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{digest}', '', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: steps by the request of another system
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{digest}', '{dep}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: steps by a request that expired
INSERT INTO aims_transition VALUES ('x', 'payroll', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{payroll_digest}', '{expired}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga 42501: steps further than the step leads
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'start_development', 'inception', 'deployment', 'active', 'active', 1, '{digest}', '{req}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: takes a step that starts elsewhere
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'go_live', 'inception', 'operation_and_monitoring', 'active', 'active', 1, '{digest}', '{req}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: takes a step that nobody declared
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'skip', 'inception', 'deployment', 'active', 'active', 1, '{digest}', '{req}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga 42501: steps by another lifecycle
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{digest}', '{req}', 'olga', '{now}', '0', 'it is time', '{met}')

-- ines 42501: takes the step that another asked for alone
INSERT INTO aims_transition VALUES ('x', 'fresh', 'submit_for_validation', 'design_and_development', 'verification_and_validation', 'active', 'active', 1, '{fresh_digest}', '{submit}', 'ines', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: takes a step and does not say that its checks are met
INSERT INTO aims_transition VALUES ('x', 'fresh', 'submit_for_validation', 'design_and_development', 'verification_and_validation', 'active', 'active', 1, '{fresh_digest}', '{submit}', 'olga', '{now}', '{machine}', 'it is time', '[]')

-- olga AIMS2: takes a step and says that its check is not met
INSERT INTO aims_transition VALUES ('x', 'fresh', 'submit_for_validation', 'design_and_development', 'verification_and_validation', 'active', 'active', 1, '{fresh_digest}', '{submit}', 'olga', '{now}', '{machine}', 'it is time', '[{{"name": "documentation_present", "met": false}}]')

-- olga passes: takes a step that she asked for, with its checks on record
INSERT INTO aims_transition VALUES ('x', 'fresh', 'submit_for_validation', 'design_and_development', 'verification_and_validation', 'active', 'active', 1, '{fresh_digest}', '{submit}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga 42501: rewrites a step
UPDATE aims_transition SET actor = 'ines'

-- olga 42501: forgets a step
DELETE FROM aims_transition

-- olga 42501: opens a request as carried out
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{payroll_digest}', 'olga', '{now}', '', 'carried_out', '{machine}', '{soon}')

-- olga 42501: asks in the name of another
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{payroll_digest}', 'finn', '{now}', '', 'open', '{machine}', '{soon}')

-- carl 42501: asks for what only an owner asks for
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{payroll_digest}', 'carl', '{now}', '', 'open', '{machine}', '{soon}')

-- olga 42501: asks for ever
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{payroll_digest}', 'olga', '{now}', '', 'open', '{machine}', NULL)

-- olga 42501: asks for far too long
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{payroll_digest}', 'olga', '{now}', '', 'open', '{machine}', '2999-01-01T00:00:00.000000Z')

-- olga AIMS3: asks for an earlier revision
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 0, '{payroll_digest}', 'olga', '{now}', '', 'open', '{machine}', '{soon}')

-- olga AIMS3: asks for another content
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{digest}', 'olga', '{now}', '', 'open', '{machine}', '{soon}')

-- olga AIMS2: asks by another lifecycle
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{payroll_digest}', 'olga', '{now}', '', 'open', '0', '{soon}')

-- olga AIMS2: asks for a step that starts elsewhere
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'go_live', 1, '{payroll_digest}', 'olga', '{now}', '', 'open', '{machine}', '{soon}')

-- olga passes: asks for a step of her system
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, expires_at) VALUES ('x', 'payroll', 'start_development', 1, '{payroll_digest}', 'olga', '{now}', '', 'open', '{machine}', '{soon}')

-- olga 42501: carries a request out by hand
UPDATE aims_approval SET status = 'carried_out' WHERE approval_id = '{req}'

-- olga 42501: prolongs a request
UPDATE aims_approval SET expires_at = '2999-01-01T00:00:00.000000Z'

-- olga 42501: makes another the requester
UPDATE aims_approval SET requested_by = 'finn' WHERE approval_id = '{req}'

-- olga 42501: forgets a request
DELETE FROM aims_approval

-- olga 42501: closes a request as carried out
SELECT aims_teams.close(ARRAY['{req}'], 'carried_out', 'done', NULL)

-- carl 42501: withdraws another's request
SELECT aims_teams.close(ARRAY['{req}'], 'withdrawn', 'no', NULL)

-- olga 42501: withdraws without a reason
SELECT aims_teams.close(ARRAY['{req}'], 'withdrawn', ' ', NULL)

-- cora_decide 42501: closes as refused without a vote
SELECT aims_teams.close(ARRAY['{req}'], 'refused', 'no', NULL)

-- olga 42501: has a request expire before its time
SELECT aims_teams.close(ARRAY['{req}'], 'expired', 'late', NULL)

-- olga 42501: has a request lapse that still fits
SELECT aims_teams.close(ARRAY['{req}'], 'lapsed', 'moved', NULL)

-- olga AIMS2: closes what is closed
SELECT aims_teams.close(ARRAY['{closed}'], 'withdrawn', 'again', NULL)

-- ada_decide AIMS1: grants herself a role
INSERT INTO aims_grant VALUES ('x', 'ada', 'committee_member', 'organisation', '', 'ada', '{now}')

-- ada_decide AIMS1: grants alone where there are two administrators
INSERT INTO aims_grant VALUES ('x', 'uma', 'committee_member', 'organisation', '', 'ada', '{now}')

-- ada 42501: grants with the working credential
INSERT INTO aims_grant VALUES ('x', 'uma', 'committee_member', 'organisation', '', 'ada', '{now}')

-- ada_decide AIMS1: confirms what she proposed herself
INSERT INTO aims_grant VALUES ('x', 'uma', 'developer', 'organisation', '', 'ada', '{now}')

-- otto_decide AIMS1: grants further than what was proposed
INSERT INTO aims_grant VALUES ('x', 'uma', 'administrator', 'organisation', '', 'otto', '{now}')

-- olga_decide 42501: grants without administering
INSERT INTO aims_grant VALUES ('x', 'uma', 'developer', 'organisation', '', 'olga', '{now}')

-- otto_decide AIMS2: grants a role that does not exist
INSERT INTO aims_grant VALUES ('x', 'uma', 'emperor', 'organisation', '', 'otto', '{now}')

-- otto_decide 42501: grants in the name of another
INSERT INTO aims_grant VALUES ('x', 'uma', 'developer', 'organisation', '', 'ada', '{now}')

-- otto_decide passes: grants what the other administrator proposed
INSERT INTO aims_grant VALUES ('x', 'uma', 'developer', 'organisation', '', 'otto', '{now}')

-- olga 42501: widens a grant
UPDATE aims_grant SET scope_kind = 'organisation', scope = '' WHERE actor = 'uma'

-- olga 42501: hands a grant over
UPDATE aims_grant SET actor = 'olga' WHERE role = 'administrator'

-- olga_decide 42501: takes another's role back
UPDATE aims_grant SET revoked_by = 'olga', revoked_at = '{now}' WHERE actor = 'carl'

-- ada_decide 42501: gives a role that was taken back
UPDATE aims_grant SET revoked_by = NULL, revoked_at = NULL WHERE actor = 'gone'

-- ada_decide 42501: takes a role back in the name of another
UPDATE aims_grant SET revoked_by = 'otto', revoked_at = '{now}' WHERE actor = 'carl'

-- ada_decide 42501: forgets a grant
DELETE FROM aims_grant

-- ada AIMS1: proposes a role for herself
INSERT INTO aims_role_change VALUES ('x', 'ada', 'auditor', 'organisation', '', '', 'ada', '{now}', 'proposed')

-- ada AIMS1: proposes a role that is confirmed already
INSERT INTO aims_role_change VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'ada', '{now}', 'confirmed')

-- olga 42501: proposes a role without administering
INSERT INTO aims_role_change VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'olga', '{now}', 'proposed')

-- ada 42501: proposes a role in the name of the other administrator
INSERT INTO aims_role_change VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'otto', '{now}', 'proposed')

-- ada_decide AIMS1: confirms her own proposal without a grant
UPDATE aims_role_change SET status = 'confirmed', closed_by = 'ada', closed_at = '{now}' WHERE change_id = '{rch}'

-- otto_decide AIMS1: confirms with another grant
UPDATE aims_role_change SET status = 'confirmed', closed_by = 'otto', closed_at = '{now}', grant_id = (SELECT grant_id FROM aims_grant WHERE actor = 'carl') WHERE change_id = '{rch}'

-- ada 42501: changes what was proposed
UPDATE aims_role_change SET role = 'administrator' WHERE change_id = '{rch}'

-- olga 42501: makes a second self known
INSERT INTO aims_actor VALUES ('olga2', 'Olga', 'person', 'someone', '{now}', 'olga')

-- olga 42501: becomes another person
UPDATE aims_actor SET person = 'carl' WHERE actor_id = 'olga'

-- olga 42501: touches who is known
UPDATE aims_actor SET valid_from = '2020-01-01T00:00:00.000000Z'

-- ines 42501: an import invents a person
INSERT INTO aims_actor VALUES ('newbie', 'N', 'person', 'newbie', '{now}', 'ines')

-- ines 42501: an import adds a unit that stands for a person
INSERT INTO aims_actor VALUES ('newunit', 'N', 'unit', 'carl', '{now}', 'ines')

-- olga 42501: lends a seat that is another's
INSERT INTO aims_delegation VALUES ('x', 'cora', 'olga', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- cora 42501: lends her seat with the working credential
INSERT INTO aims_delegation VALUES ('x', 'cora', 'olga', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- olga_decide AIMS2: lends a seat that she does not hold
INSERT INTO aims_delegation VALUES ('x', 'olga', 'uma', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- cora_decide AIMS2: lends her seat to herself
INSERT INTO aims_delegation VALUES ('x', 'cora', 'cora', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- cora_decide AIMS2: lends her seat for ever
INSERT INTO aims_delegation VALUES ('x', 'cora', 'olga', 'committee_member', 'organisation', '', '{now}', '2999-01-01T00:00:00.000000Z', '', '{now}')

-- cora_decide AIMS2: lends her seat to a service
INSERT INTO aims_delegation VALUES ('x', 'cora', 'keeper', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- olga_decide 42501: ends a delegation that is none of hers
UPDATE aims_delegation SET ended_at = '{now}', ended_by = 'olga', end_reason = 'no'

-- rita_decide 42501: prolongs a delegation
UPDATE aims_delegation SET ends_at = '2999-01-01T00:00:00.000000Z'

-- olga 42501: grants a waiver when it is proposed
INSERT INTO aims_waiver SELECT 'x', system_id, condition, reason, compensating_measure, expires_on, tier, revision, 'granted', 'olga', '{now}', '{now}' FROM aims_waiver

-- olga 42501: grants a waiver
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}'

-- carl_decide AIMS1: grants a waiver that nobody voted on
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}'

-- carl_decide 42501: grants a waiver without a date
UPDATE aims_waiver SET status = 'granted'

-- olga 42501: prolongs a waiver
UPDATE aims_waiver SET expires_on = '2999-01-01'

-- carl 42501: votes on a waiver with the working credential
INSERT INTO aims_waiver_vote VALUES ('{wvr}', 'carl', 'carl', 'approve', '', '{now}')

-- rita_decide 42501: votes on a waiver outside the committee
INSERT INTO aims_waiver_vote VALUES ('{wvr}', 'rita', 'rita', 'approve', '', '{now}')

-- dora_decide AIMS1: votes on a waiver that she proposed
INSERT INTO aims_waiver_vote VALUES ('{wvr}', 'dora', 'dora', 'approve', '', '{now}')

-- carl_decide 42501: votes on a waiver as another person
INSERT INTO aims_waiver_vote VALUES ('{wvr}', 'cora', 'carl', 'approve', '', '{now}')

-- ada_decide AIMS1: records an exception and approves it
INSERT INTO aims_exception VALUES ('x', 'R1', 'r', 'c', 'organisation', '', '[["requester", "approver"]]', '2999-01-01', 'ada', '{now}', 'ada', '{now}')

-- olga_decide 42501: approves an exception without the role
INSERT INTO aims_exception VALUES ('x', 'R7', 'r', 'c', 'organisation', '', '[]', NULL, 'olga', '{now}', 'olga', '{now}')

-- ada_decide AIMS1: founds again though there are two administrators
INSERT INTO aims_exception VALUES ('x', 'R7', 'r', 'c', 'organisation', '', '[]', NULL, 'ada', '{now}', 'ada', '{now}')

-- ada_decide AIMS1: approves the exception that she recorded
UPDATE aims_exception SET approved_by = 'ada', approved_at = '{now}' WHERE exception_id = '{exc}'

-- otto 42501: approves an exception with the working credential
UPDATE aims_exception SET approved_by = 'otto', approved_at = '{now}' WHERE exception_id = '{exc}'

-- otto_decide 42501: approves an exception without signing
UPDATE aims_exception SET approved_at = '{now}' WHERE exception_id = '{exc}'

-- ada 42501: widens an exception
UPDATE aims_exception SET pairs = '[["editor", "approver"]]' WHERE exception_id = '{exc}'

-- olga 42501: disposes of evidence
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'olga'

-- rita_decide AIMS1: disposes of evidence that nobody proposed to dispose of
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita'

-- olga 42501: replaces evidence
UPDATE aims_evidence SET digest = repeat('0', 64)

-- olga 42501: puts evidence on record for another
INSERT INTO aims_evidence (evidence_id, system_id, kind, title, digest, media_type, size, location, note, revision, collected_at, added_at, added_by) VALUES ('x', 'chat', 'validation', '', '', '', 0, '', '', 1, '{now}', '{now}', 'ines')

-- olga 42501: rewrites the trail
UPDATE aims_event SET actor = 'carl'

-- olga 42501: cuts the trail
DELETE FROM aims_event

-- olga 42501: empties the trail
TRUNCATE aims_event CASCADE

-- olga 42501: rewrites the history
UPDATE aims_system_history SET stage = 'inception'

-- olga 42501: invents history
INSERT INTO aims_grant_history SELECT grant_id, actor, 'committee_member', scope_kind, scope, granted_by, granted_at, revoked_by, revoked_at, revoke_reason, valid_from, '{now}' FROM aims_grant WHERE actor = 'olga'

-- olga 42501: keeps a change out of the history by a false time
SELECT set_config('aims.now', '2020-01-01T00:00:00.000000Z', true); UPDATE aims_system SET search = 'x'

-- olga 42501: changes something at no time
SELECT set_config('aims.now', '', true); UPDATE aims_system SET search = 'x'

-- olga nothing: queues an event for sealing a second time
INSERT INTO aims_unsealed SELECT min(sequence) FROM aims_leaf

-- olga 42501: keeps an event from being sealed
DELETE FROM aims_unsealed

-- olga 42501: keeps a listener from being told
DELETE FROM aims_outbox

-- olga 42501: says that a listener was told
INSERT INTO aims_delivery SELECT event_id, 'l', '1', 'delivered', 1, '', '{now}' FROM aims_event LIMIT 1

-- olga 42501: moves the tree
UPDATE aims_tree SET size = 0

-- olga 42501: gives an event another place
INSERT INTO aims_leaf SELECT 99999, max(sequence) FROM aims_event

-- olga 42501: signs a checkpoint as another
INSERT INTO aims_checkpoint VALUES (99, 'o', 0, '', '', '{now}', 'ada')

-- olga 42501: erases content
INSERT INTO aims_erasure SELECT 'x', event_id, 'olga', 'olga', 'administrator', 'r', '{now}' FROM aims_event LIMIT 1

-- olga 42501: changes what version the tables are
UPDATE aims_alembic_core SET version_num = 'core0001'

-- olga 42501: forgets a component of the schema
DELETE FROM aims_schema_component

-- olga 42501: changes a rule
UPDATE aims_teams.seat SET needed = 0

-- olga 42501: drops a rule
DELETE FROM aims_teams.apart

-- olga 42501: gives herself a decision credential
UPDATE aims_teams.login SET credential = 'decide' WHERE login = 'olga'

-- olga 42501: becomes another's login
INSERT INTO aims_teams.login VALUES ('olga', 'ada', 'owner', 'ada', '{now}')

-- olga 42501: has the sabotage not found
UPDATE aims_teams.secured SET fingerprint = ''

-- olga 42501: opens a table
UPDATE aims_teams.protection SET spec = '{{}}'

-- olga 42501: enters the group that decides
GRANT {groups.decide} TO olga

-- olga 42501: becomes the owner
SET ROLE {groups.owner}

-- olga 42501: becomes another login
SET SESSION AUTHORIZATION carl_decide

-- olga 42501: becomes another role
SET ROLE carl_decide

-- olga 42501: makes a role
CREATE ROLE evil LOGIN

-- olga 42501: gets powers
ALTER ROLE olga SUPERUSER

-- olga 42501: takes another's login
ALTER ROLE carl_decide PASSWORD 'x'

-- olga 42501: disables a trigger
ALTER TABLE aims_event DISABLE TRIGGER ALL

-- olga 42501: drops a trigger
DROP TRIGGER _voted ON aims_vote

-- olga 42501: runs without triggers
SET session_replication_role = replica

-- olga 42501: replaces a function
CREATE OR REPLACE FUNCTION aims_teams.me() RETURNS text LANGUAGE sql AS $$ SELECT 'carl' $$

-- olga 42501: calls a judge of her own
CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$

-- olga 42501: shadows a table
CREATE TEMP TABLE aims_grant (actor text)

-- olga 42501: shadows a table in a schema of her own
CREATE SCHEMA mine

-- olga 42501: makes a table
CREATE TABLE public.mine (i int)

-- olga 42501: swallows events
CREATE RULE r AS ON INSERT TO aims_event DO INSTEAD NOTHING

-- olga 42501: turns row security off
ALTER TABLE aims_system DISABLE ROW LEVEL SECURITY

-- olga 42501: adds a policy
CREATE POLICY p ON aims_system USING (true)

-- olga 42501: drops a table
DROP TABLE aims_vote

-- olga 42501: locks everybody out
LOCK TABLE aims_system IN ACCESS EXCLUSIVE MODE

-- olga 42501: reads a file of the server
SELECT pg_read_file('/etc/passwd')

-- olga 42501: runs a program
COPY aims_system TO PROGRAM 'id'

-- olga 42501: publishes everything
CREATE PUBLICATION p FOR ALL TABLES

-- olga 42501: loads a library
CREATE FUNCTION public.lib() RETURNS int LANGUAGE c AS 'lib', 'run'

-- olga 42501: ends another's session
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND pid <> pg_backend_pid()

-- olga 42501: calls a judge directly
SELECT aims_teams.other_administrators()

-- olga 42501: calls a function of the votes directly
SELECT * FROM aims_teams.counted('{req}')

-- finn nothing: reads a system of another unit
SELECT * FROM aims_system WHERE system_id = 'ticket-triage'

-- finn nothing: reads what was said about it
SELECT * FROM aims_event WHERE system_id = 'ticket-triage'

-- finn nothing: reads its revisions
SELECT * FROM aims_system_revision WHERE system_id = 'ticket-triage'

-- finn nothing: reads its history
SELECT * FROM aims_system_history WHERE system_id = 'ticket-triage'

-- finn nothing: reads its requests
SELECT * FROM aims_approval WHERE system_id = 'ticket-triage'

-- finn nothing: reads who voted
SELECT * FROM aims_vote

-- finn nothing: reads its assessments
SELECT * FROM aims_result WHERE system_id = 'ticket-triage'

-- finn nothing: reads its evidence
SELECT * FROM aims_evidence WHERE system_id NOT IN ('payroll', 'own')

-- finn nothing: reads through a cast that says what it could not cast
SELECT * FROM aims_system WHERE system_id = 'ticket-triage' AND name::int = 1

-- finn nothing: changes a system of another unit
UPDATE aims_system SET search = 'x' WHERE system_id = 'ticket-triage'

-- finn 42501: puts evidence on a system of another unit
INSERT INTO aims_evidence (evidence_id, system_id, kind, title, digest, media_type, size, location, note, revision, collected_at, added_at, added_by) VALUES ('x', 'ticket-triage', 'note', '', '', '', 0, '', '', 1, '{now}', '{now}', 'finn')

-- finn 42501: registers a system in another unit
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, 'Support', intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- finn 42501: revises a system of another unit
INSERT INTO aims_system_revision VALUES ('ticket-triage', 2, '{moved}', encode(sha256(convert_to('{moved}', 'UTF8')), 'hex'), 'finn', '{now}')

-- finn 42501: reads past row security
SET row_security = off; SELECT count(*) FROM aims_system

-- finn 42501: reads what the planner knows
SELECT * FROM pg_statistic

-- olga passes: puts an event of her own on record
{event}

-- olga 42501: puts an event on record for another
{event_of_carl}

-- olga 42501: puts an event on record for a plugin
{event_of_plugin}

-- olga 42501: puts an event on record that says less about who she is
{event_declared}

-- olga 42501: puts an event on record in the past
{event_past}

-- olga 42501: puts an event on record that does not fit its hash
{event_leaf}

-- olga passes: queues nothing herself, for the event is queued already
{event}; SELECT 1 WHERE (SELECT count(*) FROM aims_unsealed WHERE sequence = 6000000) = 1 AND (SELECT count(*) FROM aims_outbox WHERE sequence = 6000000) = 1

-- keeper passes: takes an event out of the queue
DELETE FROM aims_outbox

-- olga 42501: backdates evidence, so that she did not validate since
INSERT INTO aims_evidence (evidence_id, system_id, kind, title, digest, media_type, size, location, note, revision, collected_at, added_at, added_by) VALUES ('x', 'chat', 'validation', '', '', '', 0, '', '', 1, '{now}', '2020-01-01T00:00:00.000000Z', 'olga')

-- olga passes: puts evidence on record
INSERT INTO aims_evidence (evidence_id, system_id, kind, title, digest, media_type, size, location, note, revision, collected_at, added_at, added_by) VALUES ('x', 'chat', 'validation', '', '', '', 0, '', '', 1, '{now}', '{now}', 'olga')

-- olga 42501: puts an assessment out of force
UPDATE aims_result SET in_force = false WHERE result_id = 's1'

-- olga 42501: puts an old assessment in force again
UPDATE aims_result SET in_force = true WHERE result_id = 's2'

-- rita passes: assesses, and the tier follows
INSERT INTO aims_result SELECT 'x', 'risk_assessment', 'payroll', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, 'minimal', 'rita', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- olga passes: records a result without a tier
INSERT INTO aims_result SELECT 'x', 'note', 'payroll', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, NULL, 'olga', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- imre passes: records a result with an empty tier
INSERT INTO aims_result SELECT 'x', 'note', 'payroll', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, '', 'imre', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- uma passes: has an expired request closed
SELECT aims_teams.close(ARRAY['{expired}'], 'expired', 'late', NULL) FROM aims_event LIMIT 1

-- olga passes: has an expired request closed that anybody may close
SELECT aims_teams.close(ARRAY['{expired}'], 'expired', 'late', NULL)

-- uma passes: has a request lapse whose step starts elsewhere by now
SELECT aims_teams.close(ARRAY['o-moved'], 'lapsed', 'moved', NULL)

-- olga passes: has a request lapse whose revision is over
SELECT aims_teams.close(ARRAY['o-stale'], 'lapsed', 'revised', NULL)

-- olga passes: withdraws her request
SELECT aims_teams.close(ARRAY['{req}'], 'withdrawn', 'later', NULL)

-- olga passes: withdraws two at once
SELECT aims_teams.close(ARRAY['{req}', '{dep}'], 'withdrawn', 'later', NULL)

-- olga 42501: withdraws another's request among her own
SELECT aims_teams.close(ARRAY['{req}', '{own}'], 'withdrawn', 'later', NULL)

-- dora_decide passes: closes a request that she refused
SELECT aims_teams.close(ARRAY['g12'], 'refused', 'r', NULL)

-- dora 42501: closes a request that she refused with the working credential
SELECT aims_teams.close(ARRAY['g12'], 'refused', 'r', NULL)

-- cora_decide 42501: closes a request that another refused
SELECT aims_teams.close(ARRAY['g12'], 'refused', 'r', NULL)

-- carl_decide 42501: closes a request that he approved as refused
SELECT aims_teams.close(ARRAY['o-refused'], 'refused', 'r', NULL)

-- olga passes: has the register show what is asked for
SELECT aims_teams.settle(ARRAY['ticket-triage', 'payroll', 'good', 'again', 'old', 'fresh'])

-- olga passes: has the register show one system
SELECT aims_teams.settle(ARRAY['again'])

-- cora_decide passes: carries out what was approved
INSERT INTO aims_transition VALUES ('x', 'fresh', 'retire', 'design_and_development', 'retirement', 'active', 'active', 1, '{fresh_digest}', 'o-retire', 'cora', '{now}', '{machine}', '', '{met}')

-- olga passes: goes live on an approval that stands
INSERT INTO aims_transition VALUES ('x', 'good', 'go_live', 'deployment', 'operation_and_monitoring', 'active', 'active', 1, '{chat_digest}', 'o-good', 'olga', '{now}', '{machine}', '', '{met}')

-- olga AIMS2: goes live without an approval
INSERT INTO aims_transition VALUES ('x', 'live', 'go_live', 'deployment', 'operation_and_monitoring', 'active', 'active', 1, '{chat_digest}', 'o-live', 'olga', '{now}', '{machine}', '', '{met}')

-- olga passes: suspends with a reason
INSERT INTO aims_transition VALUES ('x', 'good', 'suspend', 'deployment', 'deployment', 'active', 'suspended', 1, '{chat_digest}', 'o-halt', 'olga', '{now}', '{machine}', 'broken', '[]')

-- olga AIMS2: suspends without a reason
INSERT INTO aims_transition VALUES ('x', 'good', 'suspend', 'deployment', 'deployment', 'active', 'suspended', 1, '{chat_digest}', 'o-mute', 'olga', '{now}', '{machine}', ' ', '[]')

-- olga AIMS2: resumes what runs
INSERT INTO aims_transition VALUES ('x', 'good', 'resume', 'deployment', 'deployment', 'suspended', 'active', 1, '{chat_digest}', 'o-resume', 'olga', '{now}', '{machine}', '', '{met}')

-- rita_decide passes: lets it resume
INSERT INTO aims_transition VALUES ('x', 'halted', 'resume', 'deployment', 'deployment', 'suspended', 'active', 1, '{chat_digest}', 'o-resume', 'rita', '{now}', '{machine}', '', '{met}')

-- carl_decide AIMS2: carries out what another refused
INSERT INTO aims_transition VALUES ('x', 'halted', 'retire', 'deployment', 'retirement', 'suspended', 'suspended', 1, '{chat_digest}', 'o-refused', 'carl', '{now}', '{machine}', '', '{met}')

-- carl_decide AIMS2: starts development of what says no intended use
INSERT INTO aims_transition VALUES ('x', 'bare', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{chat_digest}', 'o-bare', 'carl', '{now}', '{machine}', '', '{met}')

-- carl_decide AIMS1: deploys what its developer validated
INSERT INTO aims_transition VALUES ('x', 'both', 'approve_deployment', 'verification_and_validation', 'deployment', 'active', 'active', 1, '{chat_digest}', 'o-both', 'carl', '{now}', '{machine}', '', '{met}')

-- olga passes: modifies, and what was approved lapses
INSERT INTO aims_transition VALUES ('x', 'again', 'modify', 're_evaluation', 'design_and_development', 'active', 'active', 1, '{chat_digest}', 'o-modify', 'olga', '{now}', '{machine}', 'grown', '[]')

-- carl_decide 42501: carries out what was asked by one who may not any more
INSERT INTO aims_transition VALUES ('x', 'live', 'retire', 'deployment', 'retirement', 'active', 'active', 1, '{chat_digest}', 'o-gone', 'carl', '{now}', '{machine}', '', '{met}')

-- carl_decide AIMS3: carries out what was approved for an earlier revision
INSERT INTO aims_transition VALUES ('x', 'old', 'start_development', 'inception', 'design_and_development', 'active', 'active', 3, '{own_digest}', 'o-stale', 'carl', '{now}', '{machine}', '', '{met}')

-- carl_decide AIMS2: takes a step of no system
INSERT INTO aims_transition VALUES ('x', 'nowhere', 'retire', 'deployment', 'retirement', 'active', 'active', 1, '{chat_digest}', 'o-gone', 'carl', '{now}', '{machine}', '', '{met}')

-- olga 42501: says that a step was taken for another reason
INSERT INTO aims_transition VALUES ('x', 'good', 'suspend', 'deployment', 'deployment', 'active', 'suspended', 1, '{chat_digest}', 'o-halt', 'olga', '{now}', '{machine}', 'whim', '[]')

-- olga 42501: says that a step was taken yesterday
INSERT INTO aims_transition VALUES ('x', 'good', 'suspend', 'deployment', 'deployment', 'active', 'suspended', 1, '{chat_digest}', 'o-halt', 'olga', '2020-01-01T00:00:00.000000Z', '{machine}', 'broken', '[]')

-- olga passes: takes her step back by asking for no gate
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}')

-- olga AIMS2: asks for a step of no system
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version) VALUES ('x', 'nowhere', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}')

-- olga 42501: asks for a request that is closed already
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, closed_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '{now}')

-- olga 42501: asks for a request that was closed by her already
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, closed_by) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', 'olga')

-- olga 42501: asks for a request that is valid already
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, valid_until) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '{soon}')

-- olga 42501: asks for a request that lapsed already
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, lapsed_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '{soon}')

-- olga 42501: asks for a request with a tier
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, tier) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', 'minimal')

-- carl_decide passes: decides anew, and the newer vote counts
INSERT INTO aims_vote VALUES ('x', '{req}', 'carl', 'carl', 'committee_member', 'refuse', 'r', '{digest}', '{now}', '', '', 1)

-- imre_decide passes: decides on the seat that was lent to him
INSERT INTO aims_vote VALUES ('x', '{own}', 'imre', 'imre', 'committee_member', 'approve', '', '{own_digest}', '{now}', 'ines', 'ines', 1)

-- rita_decide passes: decides for who lent her the seat
INSERT INTO aims_vote VALUES ('x', 'o-gone', 'rita', 'rita', 'committee_member', 'approve', '', '{chat_digest}', '{now}', 'carl', 'carl', 1)

-- cora_decide AIMS3: votes on a request whose content is no longer the system's
INSERT INTO aims_vote VALUES ('x', 'o-other', 'cora', 'cora', 'committee_member', 'approve', '', repeat('1', 64), '{now}', '', '', 1)

-- ada_decide passes: takes a role back
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}', revoke_reason = 'r' WHERE actor = 'dora' AND role = 'developer'

-- ada_decide 42501: takes a role back without a time
UPDATE aims_grant SET revoked_by = 'ada' WHERE actor = 'dora'

-- ada_decide 42501: takes a role back without signing
UPDATE aims_grant SET revoked_at = '{now}' WHERE actor = 'dora'

-- ada_decide 42501: takes a role back a second time
UPDATE aims_grant SET revoke_reason = 'other' WHERE actor = 'gone'

-- ada_decide AIMS1: takes the other administrator's role back, to rule alone
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}' WHERE actor = 'otto' AND role = 'administrator'

-- ada_decide 42501: takes back the roles of all administrators
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}' WHERE role = 'administrator'

-- otto_decide AIMS2: grants a role that is taken back already
INSERT INTO aims_grant VALUES ('x', 'uma', 'developer', 'organisation', '', 'otto', '{now}', 'otto', '{now}', 'r')

-- otto_decide AIMS1: grants for another unit than was proposed
INSERT INTO aims_grant VALUES ('x', 'uma', 'developer', 'unit', 'Finance', 'otto', '{now}')

-- otto_decide passes: grants what was proposed, and confirms it
INSERT INTO aims_grant VALUES ('x', 'uma', 'developer', 'organisation', '', 'otto', '{now}'); UPDATE aims_role_change SET status = 'confirmed', closed_by = 'otto', closed_at = '{now}', grant_id = 'x' WHERE change_id = '{rch}'

-- otto passes: declines what was proposed
UPDATE aims_role_change SET status = 'declined', closed_by = 'otto', closed_at = '{now}' WHERE change_id = '{rch}'

-- ada passes: withdraws what she proposed
UPDATE aims_role_change SET status = 'withdrawn', closed_by = 'ada', closed_at = '{now}' WHERE change_id = '{rch}'

-- otto 42501: declines without signing
UPDATE aims_role_change SET status = 'declined' WHERE change_id = '{rch}'

-- otto 42501: opens again what was declined
UPDATE aims_role_change SET status = 'proposed' WHERE change_id = 'h-done'

-- otto 42501: withdraws what was declined
UPDATE aims_role_change SET status = 'withdrawn' WHERE change_id = 'h-done'

-- olga 42501: declines without administering
UPDATE aims_role_change SET status = 'declined', closed_by = 'olga', closed_at = '{now}' WHERE change_id = '{rch}'

-- otto_decide 42501: notes a grant at a proposal
UPDATE aims_role_change SET grant_id = 'x' WHERE change_id = '{rch}'

-- ada passes: proposes a role
INSERT INTO aims_role_change VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'ada', '{now}', 'proposed')

-- ada AIMS1: proposes a role that she closed already
INSERT INTO aims_role_change VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'ada', '{now}', 'proposed', 'ada', '{now}')

-- ada_decide AIMS1: proposes a role that is granted already
INSERT INTO aims_role_change (change_id, actor, role, scope_kind, scope, reason, proposed_by, proposed_at, status, grant_id) VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'ada', '{now}', 'proposed', 'r1')

-- ada passes: makes a person known
INSERT INTO aims_actor VALUES ('newbie', 'N', 'person', 'newbie', '{now}', 'ada')

-- ines passes: an import adds a unit
INSERT INTO aims_actor VALUES ('newunit', 'N', 'unit', 'newunit', '{now}', 'ines')

-- olga 42501: adds a unit without importing
INSERT INTO aims_actor VALUES ('newunit', 'N', 'unit', 'newunit', '{now}', 'olga')

-- cora_decide passes: lends her seat
INSERT INTO aims_delegation VALUES ('x', 'cora', 'olga', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- cora_decide AIMS2: lends a seat that is given back already
INSERT INTO aims_delegation VALUES ('x', 'cora', 'olga', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}', '{now}')

-- olga_decide AIMS2: lends a role that has no seat
INSERT INTO aims_delegation VALUES ('x', 'olga', 'uma', 'system_owner', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- rita_decide passes: gives a seat back
UPDATE aims_delegation SET ended_at = '{now}', ended_by = 'rita', end_reason = 'r' WHERE delegator = 'carl'

-- carl_decide passes: takes his seat back
UPDATE aims_delegation SET ended_at = '{now}', ended_by = 'carl', end_reason = 'r' WHERE delegator = 'carl'

-- ada_decide passes: ends a delegation as administrator
UPDATE aims_delegation SET ended_at = '{now}', ended_by = 'ada', end_reason = 'r' WHERE delegator = 'carl'

-- carl_decide 42501: says that he takes it back, and does not
UPDATE aims_delegation SET ended_by = 'carl' WHERE delegator = 'carl'

-- cora_decide 42501: takes a seat back a second time
UPDATE aims_delegation SET ended_by = 'cora' WHERE delegation_id = 'd5'

-- dora passes: proposes a waiver
INSERT INTO aims_waiver SELECT 'x', system_id, condition, reason, compensating_measure, expires_on, tier, revision, 'proposed', 'dora', '{now}' FROM aims_waiver WHERE waiver_id = '{wvr}'

-- dora 42501: proposes a waiver that is refused
INSERT INTO aims_waiver SELECT 'x', system_id, condition, reason, compensating_measure, expires_on, tier, revision, 'refused', 'dora', '{now}' FROM aims_waiver WHERE waiver_id = '{wvr}'

-- dora 42501: proposes a waiver that she closed
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, closed_by) SELECT 'x', system_id, condition, reason, compensating_measure, expires_on, tier, revision, 'proposed', 'dora', '{now}', 'dora' FROM aims_waiver WHERE waiver_id = '{wvr}'

-- dora_decide 42501: proposes a waiver with the date of its grant
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, granted_at) SELECT 'x', system_id, condition, reason, compensating_measure, expires_on, tier, revision, 'proposed', 'dora', '{now}', '{now}' FROM aims_waiver WHERE waiver_id = '{wvr}'

-- dora passes: withdraws her waiver
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'dora', closed_at = '{now}', close_reason = 'r' WHERE waiver_id = '{wvr}'

-- carl_decide passes: grants a waiver that two others voted for
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}' WHERE waiver_id = 'w-voted'

-- carl_decide AIMS1: grants a waiver that one voted for, one against, and the proposer for
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}' WHERE waiver_id = 'w-mixed'

-- carl_decide 42501: grants a waiver and closes it
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}', closed_at = '{now}' WHERE waiver_id = 'w-voted'

-- carl_decide 42501: dates a waiver that is not granted
UPDATE aims_waiver SET granted_at = '{now}' WHERE waiver_id = 'w-voted'

-- dora 42501: proposes again what was refused
UPDATE aims_waiver SET status = 'proposed' WHERE waiver_id = 'w-closed'

-- carl_decide 42501: grants what was refused
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}' WHERE waiver_id = 'w-closed'

-- dora 42501: proposes again what was granted
UPDATE aims_waiver SET status = 'proposed' WHERE waiver_id = 'w-granted'

-- dora_decide 42501: takes the date of a grant away
UPDATE aims_waiver SET status = 'proposed', granted_at = NULL WHERE waiver_id = 'w-granted'

-- carl_decide passes: votes on a waiver
INSERT INTO aims_waiver_vote VALUES ('{wvr}', 'carl', 'carl', 'approve', '', '{now}')

-- carl_decide 42501: votes on a waiver that was refused
INSERT INTO aims_waiver_vote VALUES ('w-closed', 'carl', 'carl', 'approve', '', '{now}')

-- carl_decide 42501: votes on no waiver
INSERT INTO aims_waiver_vote VALUES ('nowhere', 'carl', 'carl', 'approve', '', '{now}')

-- ines_decide passes: votes on a waiver as member for the system
INSERT INTO aims_waiver_vote VALUES ('{wvr}', 'ines', 'ines', 'approve', '', '{now}')

-- otto_decide passes: approves the exception that another recorded
UPDATE aims_exception SET approved_by = 'otto', approved_at = '{now}' WHERE exception_id = '{exc}'

-- olga_decide 42501: approves an exception that another recorded
UPDATE aims_exception SET approved_by = 'olga', approved_at = '{now}' WHERE exception_id = '{exc}'

-- ada passes: ends an exception
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r' WHERE exception_id = 'e1'

-- ada passes: ends an exception that nobody approved
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r' WHERE exception_id = '{exc}'

-- ada 42501: ends an exception a second time
UPDATE aims_exception SET end_reason = 'other' WHERE exception_id = 'e6'

-- otto_decide 42501: approves an exception without a date
UPDATE aims_exception SET approved_by = 'otto' WHERE exception_id = '{exc}'

-- otto_decide 42501: approves an exception anew
UPDATE aims_exception SET approved_at = '{now}' WHERE exception_id = 'e1'

-- ada passes: records an exception
INSERT INTO aims_exception VALUES ('x', 'R1', 'r', 'c', 'organisation', '', '[]', '2999-01-01', 'ada', '{now}')

-- ada AIMS1: records an exception that is over
INSERT INTO aims_exception VALUES ('x', 'R1', 'r', 'c', 'organisation', '', '[]', '2999-01-01', 'ada', '{now}', NULL, NULL, 'ada', '{now}')

-- ada_decide AIMS1: founds with a last day
INSERT INTO aims_exception VALUES ('x', 'R7', 'r', 'c', 'organisation', '', '[]', '2999-01-01', 'ada', '{now}', 'ada', '{now}')

-- rita_decide passes: disposes of evidence that another proposed to dispose of
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita' WHERE evidence_id = 'v1'

-- rita_decide AIMS1: disposes of evidence whose disposal was declined
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita' WHERE evidence_id = 'v2'

-- rita_decide AIMS1: disposes of evidence that she proposed to dispose of
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita' WHERE evidence_id = 'v3'

-- rita_decide passes: decides on a disposal
UPDATE aims_evidence_disposal SET status = 'carried_out', decided_by = 'rita', decided_at = '{now}', decision_reason = 'r' WHERE disposal_id = 'p-open'

-- rita_decide passes: declines a disposal
UPDATE aims_evidence_disposal SET status = 'declined', decided_by = 'rita', decided_at = '{now}', decision_reason = 'r' WHERE disposal_id = 'p-open'

-- rita 42501: decides on a disposal with the working credential
UPDATE aims_evidence_disposal SET status = 'carried_out', decided_by = 'rita', decided_at = '{now}' WHERE disposal_id = 'p-open'

-- rita_decide AIMS1: carries out the disposal that she proposed
UPDATE aims_evidence_disposal SET status = 'carried_out', decided_by = 'rita', decided_at = '{now}' WHERE disposal_id = 'p-rita'

-- rita_decide passes: withdraws the disposal that she proposed
UPDATE aims_evidence_disposal SET status = 'declined', decided_by = 'rita', decided_at = '{now}' WHERE disposal_id = 'p-rita'

-- olga_decide AIMS1: carries out a disposal without the role
UPDATE aims_evidence_disposal SET status = 'carried_out', decided_by = 'olga', decided_at = '{now}' WHERE disposal_id = 'p-open'

-- rita_decide 42501: carries out what was declined
UPDATE aims_evidence_disposal SET status = 'carried_out' WHERE disposal_id = 'p-done'

-- rita 42501: closes a disposal without signing
UPDATE aims_evidence_disposal SET status = 'declined' WHERE disposal_id = 'p-open'

-- ines passes: proposes a disposal
INSERT INTO aims_evidence_disposal VALUES ('x', 'v4', 'old', 'proposed', 'ines', '{now}')

-- ines 42501: proposes a disposal that is carried out
INSERT INTO aims_evidence_disposal VALUES ('x', 'v4', 'old', 'carried_out', 'ines', '{now}')

-- ines_decide 42501: proposes a disposal that she decided on
INSERT INTO aims_evidence_disposal VALUES ('x', 'v4', 'old', 'proposed', 'ines', '{now}', 'ines', '{now}')

-- olga AIMS2: revises no system
INSERT INTO aims_system_revision VALUES ('nowhere', 2, '{moved}', encode(sha256(convert_to('{moved}', 'UTF8')), 'hex'), 'olga', '{now}')

-- olga passes: registers a system with its first revision
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'; INSERT INTO aims_system_revision SELECT 'x', 1, content, digest, 'olga', '{now}' FROM aims_system_revision WHERE system_id = 'payroll'

-- olga 42501: registers a system with another description than its first revision
INSERT INTO aims_system SELECT 'x', 'Harmless', use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'; INSERT INTO aims_system_revision SELECT 'x', 1, content, digest, 'olga', '{now}' FROM aims_system_revision WHERE system_id = 'payroll'

-- olga 42501: registers a system with another digest than its first revision
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, repeat('0', 64), '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'; INSERT INTO aims_system_revision SELECT 'x', 1, content, digest, 'olga', '{now}' FROM aims_system_revision WHERE system_id = 'payroll'

-- ines passes: an import enters a system that runs already
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'deployment', 'suspended', 'undetermined', 'none', 'legacy', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- ines 42501: an import enters a system in a stage that does not exist
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'limbo', 'active', 'undetermined', 'none', 'legacy', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- uma passes: registers a system in her unit
INSERT INTO aims_system SELECT 'x', name, use_case, owner, origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'ticket-triage'

-- finn nothing: reads a bulk edit of another
SELECT * FROM aims_change_set

-- finn passes: reads a system of his unit
SELECT * FROM aims_system WHERE system_id = 'payroll'

-- olga 42501: puts a bulk edit on record for another
INSERT INTO aims_change_set VALUES ('x', '', '[]', 0, '', 'open', 'ines', '{now}')

-- cora passes: hears a concern
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- cora nothing: reads a concern about herself
SELECT * FROM aims_concern WHERE concern_id = 'k2'

-- cora nothing: reads a concern about her other account
SELECT * FROM aims_concern WHERE concern_id = 'k5'

-- cora passes: reads a concern of her own
SELECT * FROM aims_concern WHERE concern_id = 'k3'

-- cora passes: reads a concern that she raised under her other account
SELECT * FROM aims_concern WHERE concern_id = 'k7'

-- olga passes: reads the concern that she raised
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- ines nothing: reads a concern of another
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- rita nothing: reads what is said about her
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- ada nothing: reads a concern as administrator
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- aude nothing: reads a concern as auditor
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- imre nothing: reads a concern, and hears those of one system alone
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- otto nothing: reads a concern as the other administrator
SELECT * FROM aims_concern WHERE concern_id = 'k1'

-- cora passes: reads who heard a concern
SELECT * FROM aims_concern_access WHERE concern_id = 'k1'

-- cora nothing: reads who heard a concern about herself
SELECT * FROM aims_concern_access WHERE concern_id = 'k2'

-- finn nothing: reads who heard what
SELECT * FROM aims_concern_access

-- ines nothing: reads a concern through a cast that says what it could not cast
SELECT * FROM aims_concern WHERE concern_id = 'k1' AND text::int = 1

-- aude passes: learns which concerns went astray, and of no other
SELECT 1 WHERE (SELECT array_agg(concern_id || act ORDER BY concern_id) FROM aims_teams.confided_wrongly()) = ARRAY['k2read', 'k6answered']

-- olga passes: raises a concern
INSERT INTO aims_concern VALUES ('x', NULL, '["rita"]', 't', 'olga', '{now}')

-- aude passes: raises a concern, as everybody may
INSERT INTO aims_concern VALUES ('x', NULL, '["rita"]', 't', 'aude', '{now}')

-- olga 42501: raises a concern as another
INSERT INTO aims_concern VALUES ('x', NULL, '["rita"]', 't', 'ines', '{now}')

-- olga 42501: raises a concern in the past
INSERT INTO aims_concern VALUES ('x', NULL, '["rita"]', 't', 'olga', '2020-01-01T00:00:00.000000Z')

-- olga passes: raises a concern about a system
INSERT INTO aims_concern VALUES ('x', 'own', '["dora"]', 't', 'olga', '{now}')

-- olga 42501: raises a concern about a system that its owner shall hear
INSERT INTO aims_concern VALUES ('x', 'own', '[]', 't', 'olga', '{now}')

-- olga 42501: raises a concern with its answer
INSERT INTO aims_concern VALUES ('x', NULL, '["rita"]', 't', 'olga', '{now}', 'a')

-- olga 42501: raises a concern that she answered
INSERT INTO aims_concern VALUES ('x', NULL, '["rita"]', 't', 'olga', '{now}', NULL, 'olga')

-- olga 42501: raises a concern that was answered
INSERT INTO aims_concern VALUES ('x', NULL, '["rita"]', 't', 'olga', '{now}', NULL, NULL, '{now}')

-- cora passes: answers a concern
UPDATE aims_concern SET answer = 'a', answered_by = 'cora', answered_at = '{now}' WHERE concern_id = 'k1'

-- cora nothing: answers a concern about herself
UPDATE aims_concern SET answer = 'a', answered_by = 'cora', answered_at = '{now}' WHERE concern_id = 'k2'

-- cora AIMS1: answers a concern of her own
UPDATE aims_concern SET answer = 'a', answered_by = 'cora', answered_at = '{now}' WHERE concern_id = 'k3'

-- cora AIMS1: answers a concern that she raised under her other account
UPDATE aims_concern SET answer = 'a', answered_by = 'cora', answered_at = '{now}' WHERE concern_id = 'k7'

-- olga AIMS1: answers her own concern without hearing any
UPDATE aims_concern SET answer = 'a', answered_by = 'olga', answered_at = '{now}' WHERE concern_id = 'k1'

-- ines nothing: answers a concern of another
UPDATE aims_concern SET answer = 'a', answered_by = 'ines', answered_at = '{now}' WHERE concern_id = 'k1'

-- cora 42501: answers a second time
UPDATE aims_concern SET answer = 'other' WHERE concern_id = 'k4'

-- cora 42501: answers without words
UPDATE aims_concern SET answer = ' ', answered_by = 'cora', answered_at = '{now}' WHERE concern_id = 'k1'

-- cora 42501: answers with nothing
UPDATE aims_concern SET answered_by = 'cora', answered_at = '{now}' WHERE concern_id = 'k1'

-- cora 42501: answers without signing
UPDATE aims_concern SET answer = 'a', answered_at = '{now}' WHERE concern_id = 'k1'

-- cora 42501: answers without a date
UPDATE aims_concern SET answer = 'a', answered_by = 'cora' WHERE concern_id = 'k1'

-- cora 42501: answers as another
UPDATE aims_concern SET answer = 'a', answered_by = 'carl', answered_at = '{now}' WHERE concern_id = 'k1'

-- olga 42501: rewrites a concern
UPDATE aims_concern SET text = 'x' WHERE concern_id = 'k1'

-- cora 42501: changes whom a concern is about
UPDATE aims_concern SET about = '[]' WHERE concern_id = 'k1'

-- cora passes: notes that she read a concern
INSERT INTO aims_concern_access VALUES ('x', 'k1', 'cora', 'read', '{now}')

-- cora 42501: notes that another read a concern
INSERT INTO aims_concern_access VALUES ('x', 'k1', 'carl', 'read', '{now}')

-- ines 42501: notes that she read what she cannot see
INSERT INTO aims_concern_access VALUES ('x', 'k1', 'ines', 'read', '{now}')

-- cora 42501: forgets who read a concern
DELETE FROM aims_concern_access

-- otto_decide AIMS1: gives other work to who audits
INSERT INTO aims_grant VALUES ('x', 'aude', 'developer', 'organisation', '', 'otto', '{now}')

-- otto_decide AIMS1: has a developer audit
INSERT INTO aims_grant VALUES ('x', 'devi', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide AIMS1: has somebody audit who worked until lately
INSERT INTO aims_grant VALUES ('x', 'gone', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide AIMS1: has the other account of a developer audit
INSERT INTO aims_grant VALUES ('x', 'devi2', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: has somebody audit who never worked here
INSERT INTO aims_grant VALUES ('x', 'neil', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: has somebody audit who left long ago
INSERT INTO aims_grant VALUES ('x', 'nora', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: has an auditor audit another unit
INSERT INTO aims_grant VALUES ('x', 'vera', 'auditor', 'unit', 'Finance', 'otto', '{now}')

-- otto_decide passes: gives work to who audited before
INSERT INTO aims_grant VALUES ('x', 'nora', 'developer', 'organisation', '', 'otto', '{now}')

-- aude AIMS1: an auditor puts evidence on record
INSERT INTO aims_evidence (evidence_id, system_id, kind, title, digest, media_type, size, location, note, revision, collected_at, added_at, added_by) VALUES ('x', 'chat', 'validation', '', '', '', 0, '', '', 1, '{now}', '{now}', 'aude')

-- aude AIMS1: an auditor records a result
INSERT INTO aims_result SELECT 'x', 'note', 'payroll', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, NULL, 'aude', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- aude passes: an auditor makes a checkpoint
INSERT INTO aims_checkpoint VALUES (99, 'o', 0, '', '', '{now}', 'aude')

-- aude_decide AIMS1: an auditor votes on a seat that was lent
INSERT INTO aims_vote VALUES ('x', '{expired}', 'aude', 'aude', 'committee_member', 'approve', '', '{payroll_digest}', '{now}', 'cora', 'cora', 1)

-- rita passes: puts a system on hold
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at) VALUES ('x', 'chat', NULL, 'case', 'rita', '{now}')

-- olga 42501: puts a system on hold without the role
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at) VALUES ('x', 'chat', NULL, 'case', 'olga', '{now}')

-- rita 42501: puts a system on hold as another
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at) VALUES ('x', 'chat', NULL, 'case', 'carl', '{now}')

-- rita 42501: puts a system on hold whose release she proposes
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at, release_proposed_by) VALUES ('x', 'chat', NULL, 'case', 'rita', '{now}', 'rita')

-- rita 42501: puts a system on hold with a date of release proposed
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at, release_proposed_by, release_proposed_at) VALUES ('x', 'chat', NULL, 'case', 'rita', '{now}', NULL, '{now}')

-- rita_decide 42501: puts a system on hold that she released
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at, release_proposed_by, release_proposed_at, released_by) VALUES ('x', 'chat', NULL, 'case', 'rita', '{now}', NULL, NULL, 'rita')

-- rita 42501: puts a system on hold that is released
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at, release_proposed_by, release_proposed_at, released_by, released_at) VALUES ('x', 'chat', NULL, 'case', 'rita', '{now}', NULL, NULL, NULL, '{now}')

-- rita passes: proposes to release a hold
UPDATE aims_evidence_hold SET release_proposed_by = 'rita', release_proposed_at = '{now}', release_reason = 'over' WHERE hold_id = 'l-held'

-- olga 42501: proposes to release a hold without the role
UPDATE aims_evidence_hold SET release_proposed_by = 'olga', release_proposed_at = '{now}', release_reason = 'over' WHERE hold_id = 'l-held'

-- rita 42501: proposes to release without a date
UPDATE aims_evidence_hold SET release_proposed_by = 'rita' WHERE hold_id = 'l-held'

-- rita 42501: proposes to release without signing
UPDATE aims_evidence_hold SET release_proposed_at = '{now}' WHERE hold_id = 'l-held'

-- rita_decide AIMS1: releases what nobody proposed to release
UPDATE aims_evidence_hold SET released_by = 'rita', released_at = '{now}' WHERE hold_id = 'l-held'

-- rita_decide AIMS1: proposes a release and releases
UPDATE aims_evidence_hold SET release_proposed_by = 'rita', release_proposed_at = '{now}', release_reason = 'over', released_by = 'rita', released_at = '{now}' WHERE hold_id = 'l-held'

-- rita_decide AIMS1: releases what she proposed to release
UPDATE aims_evidence_hold SET released_by = 'rita', released_at = '{now}' WHERE hold_id = 'l-asked'

-- carl_decide passes: releases what another proposed to release
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}' WHERE hold_id = 'l-asked'

-- carl 42501: releases with the working credential
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}' WHERE hold_id = 'l-asked'

-- olga_decide 42501: releases without the role
UPDATE aims_evidence_hold SET released_by = 'olga', released_at = '{now}' WHERE hold_id = 'l-asked'

-- carl_decide 42501: releases without a date
UPDATE aims_evidence_hold SET released_by = 'carl' WHERE hold_id = 'l-asked'

-- carl_decide 42501: releases without signing
UPDATE aims_evidence_hold SET released_at = '{now}' WHERE hold_id = 'l-asked'

-- carl_decide AIMS1: releases for another reason than was proposed
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}', release_reason = 'other' WHERE hold_id = 'l-asked'

-- carl_decide AIMS1: releases and takes the proposal away
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}', release_proposed_by = NULL, release_proposed_at = NULL WHERE hold_id = 'l-asked'

-- carl 42501: takes a proposal over
UPDATE aims_evidence_hold SET release_proposed_by = 'carl', release_proposed_at = '{now}', release_reason = 'over' WHERE hold_id = 'l-asked'

-- carl passes: declines a release
UPDATE aims_evidence_hold SET release_proposed_by = NULL, release_proposed_at = NULL, release_reason = NULL WHERE hold_id = 'l-asked'

-- carl 42501: declines a release by half
UPDATE aims_evidence_hold SET release_proposed_by = NULL WHERE hold_id = 'l-asked'

-- rita 42501: gives another reason for what was released
UPDATE aims_evidence_hold SET release_reason = 'other' WHERE hold_id = 'l-over'

-- rita_decide 42501: puts a released hold back
UPDATE aims_evidence_hold SET released_by = NULL, released_at = NULL WHERE hold_id = 'l-over'

-- rita 42501: moves a hold to other evidence
UPDATE aims_evidence_hold SET evidence_id = 'v4' WHERE hold_id = 'l-held'

-- rita 42501: deletes a hold
DELETE FROM aims_evidence_hold

-- rita_decide AIMS2: disposes of evidence before its time
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita' WHERE evidence_id = 'v6'

-- rita_decide AIMS2: disposes of evidence that is on hold
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita' WHERE evidence_id = 'v7'

-- rita_decide AIMS2: disposes of evidence that has no end
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita' WHERE evidence_id = 'v8'

-- rita_decide AIMS2: disposes of evidence whose system is on hold
UPDATE aims_evidence SET disposed_at = '{now}', disposed_by = 'rita' WHERE evidence_id = 'v10'

-- rita_decide 42501: disposes of evidence a second time
UPDATE aims_evidence SET disposed_at = '{now}' WHERE evidence_id = 'v9'

-- rita_decide 42501: takes a disposal back
UPDATE aims_evidence SET disposed_at = NULL, disposed_by = NULL WHERE evidence_id = 'v9'

-- rita_decide 42501: disposes of evidence without a date
UPDATE aims_evidence SET disposed_by = 'rita' WHERE evidence_id = 'v1'

-- rita_decide 42501: disposes of evidence without signing
UPDATE aims_evidence SET disposed_at = '{now}' WHERE evidence_id = 'v1'

-- olga 42501: puts evidence on record that is gone
INSERT INTO aims_evidence (evidence_id, system_id, kind, title, digest, media_type, size, location, note, revision, collected_at, added_at, added_by, disposed_at) VALUES ('x', 'chat', 'validation', '', '', '', 0, '', '', 1, '{now}', '{now}', 'olga', '{now}')

-- olga_decide 42501: puts evidence on record that she disposed of
INSERT INTO aims_evidence (evidence_id, system_id, kind, title, digest, media_type, size, location, note, revision, collected_at, added_at, added_by, disposed_by) VALUES ('x', 'chat', 'validation', '', '', '', 0, '', '', 1, '{now}', '{now}', 'olga', 'olga')

-- olga passes: proposes a bulk edit
INSERT INTO aims_change_set VALUES ('x', '', '[]', 0, '', 'open', 'olga', '{now}')

-- olga 42501: proposes a bulk edit that is applied
INSERT INTO aims_change_set VALUES ('x', '', '[]', 0, '', 'applied', 'olga', '{now}')

-- olga 42501: proposes a bulk edit that she closed
INSERT INTO aims_change_set VALUES ('x', '', '[]', 0, '', 'open', 'olga', '{now}', 'olga')

-- olga 42501: proposes a bulk edit that is closed
INSERT INTO aims_change_set VALUES ('x', '', '[]', 0, '', 'open', 'olga', '{now}', NULL, '{now}')

-- olga passes: applies her bulk edit of light systems
UPDATE aims_change_set SET status = 'applied', closed_by = 'olga', closed_at = '{now}' WHERE change_set_id = 'b-light'

-- olga AIMS1: applies her bulk edit of a grave system
UPDATE aims_change_set SET status = 'applied', closed_by = 'olga', closed_at = '{now}' WHERE change_set_id = 'b-grave'

-- olga AIMS1: applies her bulk edit that makes a system less grave
UPDATE aims_change_set SET status = 'applied', closed_by = 'olga', closed_at = '{now}' WHERE change_set_id = 'b-lowered'

-- ines passes: applies the bulk edit of another
UPDATE aims_change_set SET status = 'applied', closed_by = 'ines', closed_at = '{now}' WHERE change_set_id = 'b-grave'

-- ines AIMS3: says that a bulk edit is applied
UPDATE aims_change_set SET status = 'applied', closed_by = 'ines', closed_at = '{now}' WHERE change_set_id = 'b-early'

-- olga passes: withdraws her bulk edit
UPDATE aims_change_set SET status = 'withdrawn', closed_by = 'olga', closed_at = '{now}' WHERE change_set_id = 'b-grave'

-- ines 42501: withdraws a bulk edit that is applied
UPDATE aims_change_set SET status = 'withdrawn', closed_by = 'ines', closed_at = '{now}' WHERE change_set_id = 'b-done'

-- olga 42501: applies a bulk edit that is withdrawn
UPDATE aims_change_set SET status = 'applied', closed_by = 'olga', closed_at = '{now}' WHERE change_set_id = 'b-back'

-- ines 42501: closes a bulk edit some other way
UPDATE aims_change_set SET status = 'lost', closed_by = 'ines', closed_at = '{now}' WHERE change_set_id = 'b-light'

-- ines 42501: applies without signing
UPDATE aims_change_set SET status = 'applied', closed_at = '{now}' WHERE change_set_id = 'b-light'

-- ines 42501: applies without a date
UPDATE aims_change_set SET status = 'applied', closed_by = 'ines' WHERE change_set_id = 'b-light'

-- ines 42501: signs the bulk edit of another
UPDATE aims_change_set SET proposed_by = 'ines' WHERE change_set_id = 'b-grave'

-- ines 42501: applies a bulk edit as if she had proposed it
UPDATE aims_change_set SET status = 'applied', closed_by = 'ines', closed_at = '{now}', proposed_by = 'ines' WHERE change_set_id = 'b-grave'

-- ines 42501: gives a bulk edit another reason
UPDATE aims_change_set SET reason = 'other' WHERE change_set_id = 'b-light'

-- ines passes: proposes again what was withdrawn
UPDATE aims_change_set SET status = 'open', closed_by = NULL, closed_at = NULL, proposed_by = 'ines', proposed_at = '{now}', reason = 'anew' WHERE change_set_id = 'b-back'

-- ines 42501: opens what was withdrawn in the name of another
UPDATE aims_change_set SET status = 'open', closed_by = NULL, closed_at = NULL WHERE change_set_id = 'b-back'

-- olga 42501: opens a bulk edit that stays closed by another
UPDATE aims_change_set SET status = 'open', closed_at = NULL WHERE change_set_id = 'b-back'

-- olga 42501: opens a bulk edit that stays dated
UPDATE aims_change_set SET status = 'open', closed_by = NULL WHERE change_set_id = 'b-back'

-- olga 42501: replaces what a bulk edit changes
UPDATE aims_change_set SET changes = '[]' WHERE change_set_id = 'b-light'

-- rita passes: proposes that an incident is reportable
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i9', 'p', 'd', '1', '', '', digest, '{{"status": "proposed", "reportable": "yes", "proposed_by": "rita"}}', 1, NULL, 'rita', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- olga 42501: proposes it without the second line
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i9', 'p', 'd', '1', '', '', digest, '{{"status": "proposed", "reportable": "yes", "proposed_by": "olga"}}', 1, NULL, 'olga', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- dora AIMS1: proposes it of her own system
INSERT INTO aims_result SELECT 'x', 'reportability', 'own', 'i9', 'p', 'd', '1', '', '', digest, '{{"status": "proposed", "reportable": "yes", "proposed_by": "dora"}}', 1, NULL, 'dora', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- rita 42501: proposes it in the words of another
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i9', 'p', 'd', '1', '', '', digest, '{{"status": "proposed", "reportable": "yes", "proposed_by": "carl"}}', 1, NULL, 'rita', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- keeper 42501: a service proposes it
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i9', 'p', 'd', '1', '', '', digest, '{{"status": "proposed", "reportable": "yes", "proposed_by": "keeper"}}', 1, NULL, 'keeper', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide passes: decides as legal counsel
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide passes: decides what was proposed again
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i8', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide passes: sends a proposal back
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "declined", "reportable": "yes", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide 42501: decides the opposite of what was proposed
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "no", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide 42501: decides what another proposed, as if somebody else had
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "carl", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide 42501: decides as another
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "carl"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide AIMS2: decides what nobody proposed
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i9', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide AIMS2: decides a second time
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i5', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- rita AIMS2: proposes anew what is decided
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i5', 'p', 'd', '1', '', '', digest, '{{"status": "proposed", "reportable": "yes", "proposed_by": "rita"}}', 1, NULL, 'rita', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide AIMS1: decides what she proposed under her other account
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i6', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "devi2", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- devi_decide AIMS2: decides some other way
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "waived", "reportable": "yes", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- carl_decide 42501: decides without legal counsel
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "carl"}}', 1, NULL, 'carl', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- carl_decide passes: stands in for legal counsel by an exception
INSERT INTO aims_result SELECT 'x', 'reportability', 'fresh', 'i3', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "carl"}}', 1, NULL, 'carl', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- carl_decide passes: stands in by an exception that ends later
INSERT INTO aims_result SELECT 'x', 'reportability', 'payroll', 'i4', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "carl"}}', 1, NULL, 'carl', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- rita_decide AIMS1: stands in and decides what she proposed
INSERT INTO aims_result SELECT 'x', 'reportability', 'fresh', 'i3', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "rita"}}', 1, NULL, 'rita', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- imre_decide 42501: stands in without the second line
INSERT INTO aims_result SELECT 'x', 'reportability', 'fresh', 'i3', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "imre"}}', 1, NULL, 'imre', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- olga passes: records a result of which no rule speaks
INSERT INTO aims_result SELECT 'x', 'note', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "proposed", "reportable": "yes", "proposed_by": "olga"}}', 1, NULL, 'olga', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- aude_decide passes: asks for an erasure as auditor
INSERT INTO aims_erasure SELECT 'x', event_id, 'aude', 'aude', 'auditor', 'r', '{now}' FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'

-- ada_decide passes: asks for an erasure as administrator
INSERT INTO aims_erasure SELECT 'x', event_id, 'ada', 'ada', 'administrator', 'r', '{now}' FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'

-- aude 42501: asks for an erasure with the working credential
INSERT INTO aims_erasure SELECT 'x', event_id, 'aude', 'aude', 'auditor', 'r', '{now}' FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'

-- ada_decide 42501: asks for an erasure as the auditor that she is not
INSERT INTO aims_erasure SELECT 'x', event_id, 'ada', 'ada', 'auditor', 'r', '{now}' FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'

-- ada_decide 42501: asks for an erasure as another person
INSERT INTO aims_erasure SELECT 'x', event_id, 'ada', 'aude', 'administrator', 'r', '{now}' FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'

-- ada_decide 42501: asks for an erasure in the name of another
INSERT INTO aims_erasure SELECT 'x', event_id, 'otto', 'otto', 'administrator', 'r', '{now}' FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'

-- rita_decide 42501: asks for an erasure in a role of no say
INSERT INTO aims_erasure SELECT 'x', event_id, 'rita', 'rita', 'risk_reviewer', 'r', '{now}' FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'

-- ada_decide passes: erases what an auditor asked for as well
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'))

-- aude_decide passes: erases what an administrator asked for as well
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'))

-- ada 42501: erases with the working credential
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'))

-- otto_decide AIMS1: erases what others asked for
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'fresh'))

-- ada_decide AIMS1: erases what she alone asked for
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'chat'))

-- ada_decide AIMS1: erases what she asked for twice, as two
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'own'))

-- aude_decide AIMS1: erases what no administrator asked for
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'payroll'))

-- ada_decide AIMS1: erases what no auditor asked for
SELECT aims_teams.erase((SELECT event_id FROM aims_event WHERE type = 'core.SystemRegistered' AND system_id = 'ticket-triage'))

-- ada_decide AIMS2: erases an erasure
SELECT aims_teams.erase('evt-kept-1')

-- ada_decide AIMS2: erases a key of checkpoints
SELECT aims_teams.erase('evt-kept-2')

-- ada_decide AIMS2: erases what is erased already
SELECT aims_teams.erase('evt-kept-3')

-- ada_decide AIMS1: erases nothing that is there
SELECT aims_teams.erase('nowhere')

-- ada_decide 42501: empties an event directly
UPDATE aims_event SET payload = '', nonce = ''

-- ada_decide AIMS1: confirms her own login
SELECT aims_teams.confirm_login('ada_decide')

-- otto_decide passes: confirms the login that another administrator gave herself
SELECT aims_teams.confirm_login('cora2_decide')

-- ada_decide AIMS1: confirms the login that she gave herself under her other account
SELECT aims_teams.confirm_login('ada2_decide')

-- otto_decide AIMS1: confirms a login that is confirmed
SELECT aims_teams.confirm_login('ada_decide')

-- otto_decide AIMS1: confirms a login that was given by another
SELECT aims_teams.confirm_login('carl_decide')

-- otto_decide AIMS1: confirms a login that is taken back
SELECT aims_teams.confirm_login('past_decide')

-- otto_decide AIMS1: confirms a login to work with
SELECT aims_teams.confirm_login('ada')

-- otto 42501: confirms a login with the working credential
SELECT aims_teams.confirm_login('cora2_decide')

-- olga_decide 42501: confirms a login without administering
SELECT aims_teams.confirm_login('cora2_decide')

-- ada_decide 42501: confirms her login directly
UPDATE aims_teams.login SET confirmed_by = 'otto', confirmed_at = '{now}'

-- keeper passes: delivers for a plugin
{event_of_plugin}

-- keeper 42501: the service puts an event on record for a person
{event_of_carl}

-- ada_decide 42501: signs what another approved
UPDATE aims_exception SET approved_by = 'ada' WHERE exception_id = 'e1'

-- olga nothing: queues an event for telling a second time
INSERT INTO aims_outbox VALUES (4000001, 'core.EventErased')

-- keeper passes: queues an event for telling again
INSERT INTO aims_outbox VALUES (4000001, 'core.EventErased')

-- otto_decide AIMS1: grants what nobody who administers proposed
INSERT INTO aims_grant VALUES ('x', 'neil', 'developer', 'organisation', '', 'otto', '{now}')

-- carl_decide 42501: carries out what was asked by one who may ask for another step alone
INSERT INTO aims_transition VALUES ('x', 'live', 'retire', 'deployment', 'retirement', 'active', 'active', 1, '{chat_digest}', 'o-imre', 'carl', '{now}', '{machine}', '', '{met}')

-- olga AIMS2: steps by the same request of another system
INSERT INTO aims_transition VALUES ('x', 'ticket-triage', 'start_development', 'inception', 'design_and_development', 'active', 'active', 1, '{digest}', '{own}', 'olga', '{now}', '{machine}', 'it is time', '{met}')

-- olga AIMS2: steps by the request for another step
INSERT INTO aims_transition VALUES ('x', 'good', 'go_live', 'deployment', 'operation_and_monitoring', 'active', 'active', 1, '{chat_digest}', 'o-halt', 'olga', '{now}', '{machine}', '', '{met}')

-- uma 42501: has a request lapse that fits the system
SELECT aims_teams.close(ARRAY['o-halt'], 'lapsed', 'moved', NULL)

-- olga AIMS3: writes a first revision of what is registered long since
INSERT INTO aims_system_revision SELECT 'live', 1, content, digest, 'olga', '{now}' FROM aims_system_revision WHERE system_id = 'chat' AND revision = 1

-- finn passes: assesses a system of his unit
INSERT INTO aims_result SELECT 'x', 'risk_assessment', 'payroll', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, 'minimal', 'finn', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- rita passes: assesses anew, and the former goes out of force
UPDATE aims_result SET in_force = false WHERE result_id = 's1'; INSERT INTO aims_result SELECT 'x', 'risk_assessment', 'old', '', 'p', 'd', '1', '', '', digest, '{{}}', 1, NULL, 'rita', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- olga passes: touches a result and changes nothing
UPDATE aims_result SET in_force = in_force WHERE result_id = 's1'

-- dora passes: ends a waiver that was granted
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'dora', closed_at = '{now}' WHERE waiver_id = 'w-granted'

-- finn_decide passes: votes on a waiver as member for its unit
INSERT INTO aims_waiver_vote VALUES ('w-pay', 'finn', 'finn', 'approve', '', '{now}')

-- olga passes: ends an exception, which only takes leave away
UPDATE aims_exception SET ended_by = 'olga', ended_at = '{now}', end_reason = 'r' WHERE exception_id = 'e1'

-- finn_decide passes: carries out the disposal of evidence of his unit
UPDATE aims_evidence_disposal SET status = 'carried_out', decided_by = 'finn', decided_at = '{now}' WHERE disposal_id = 'p-pay'

-- finn passes: reads a system that a role was granted for
SELECT * FROM aims_system WHERE system_id = 'own'

-- finn nothing: reads a system that a role was granted for, and taken back
SELECT * FROM aims_system WHERE system_id = 'fresh'

-- finn passes: puts a system of his unit on hold
INSERT INTO aims_evidence_hold (hold_id, system_id, evidence_id, reason, placed_by, placed_at) VALUES ('x', 'payroll', NULL, 'case', 'finn', '{now}')

-- rita passes: touches evidence and disposes of nothing
UPDATE aims_evidence SET disposed_at = disposed_at WHERE evidence_id = 'v1'

-- olga AIMS3: says that her bulk edit of what was grave before is applied
UPDATE aims_change_set SET status = 'applied', closed_by = 'olga', closed_at = '{now}' WHERE change_set_id = 'b-once'

-- postgres 42501: answers a concern by the owner's login
UPDATE aims_concern SET answer = 'a', answered_by = 'ada', answered_at = '{now}' WHERE concern_id = 'k1'

-- keeper 42501: a service answers a concern
UPDATE aims_concern SET answer = 'a', answered_by = 'keeper', answered_at = '{now}' WHERE concern_id = 'k1'

-- olga passes: raises a concern about a system of its own owner
INSERT INTO aims_concern VALUES ('x', 'solo', '["landlord"]', 't', 'olga', '{now}')

-- olga passes: sees that a login waits for another administrator
SELECT 1 WHERE aims_teams.unconfirmed('ada2_decide')

-- ada2_decide 42501: decides with the login that she gave herself
INSERT INTO aims_delegation VALUES ('x', 'ada2', 'olga', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- devi 42501: decides as legal counsel with the working credential
INSERT INTO aims_result SELECT 'x', 'reportability', 'chat', 'i1', 'p', 'd', '1', '', '', digest, '{{"status": "decided", "reportable": "yes", "proposed_by": "rita", "decided_by": "devi"}}', 1, NULL, 'devi', '{now}', NULL, true FROM aims_result_schema LIMIT 1

-- olga passes: says that she asked a year after the system's entry
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '2021-01-01T00:00:00.000000Z')

-- olga AIMS2: says that she asked before the system's entry
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '2019-01-01T00:00:00.000000Z')

-- olga passes: says that she asked before a system that ran before was entered
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'again', 'modify', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '2019-01-01T00:00:00.000000Z')

-- olga 42501: says that she asked tomorrow
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '{soon}')

-- olga 42501: says when she asked in a form of her own
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '2021-01-01')

-- olga 42501: says that she asked at the beginning of time
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'again', 'modify', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '-infinity')

-- olga 42501: says that she asked at the end of time
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', 'infinity')

-- olga 22008: says that she asked on a day that is none
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, fact_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '2021-02-31T00:00:00.000000Z')

-- olga 42501: says of an open request when it ended
INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, requested_at, reason, status, machine_version, closed_fact_at) VALUES ('x', 'good', 'suspend', 1, '{chat_digest}', 'olga', '{now}', 'r', 'open', '{machine}', '2021-01-01T00:00:00.000000Z')

-- olga 42501: states another time at which she asked
UPDATE aims_approval SET fact_at = '2020-06-01T00:00:00.000000Z' WHERE approval_id = 'o-halt'

-- postgres 42501: the owner states another time at which it was asked
UPDATE aims_approval SET fact_at = '2020-06-01T00:00:00.000000Z' WHERE approval_id = 'o-halt'

-- postgres 42501: the owner unsays the time at which it was asked
UPDATE aims_approval SET fact_at = NULL WHERE approval_id = 'o-halt'

-- cora_decide passes: says that she decided when it was asked
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'approve', 'r', '{digest}', '{now}', '', '', 1, (SELECT requested_at FROM aims_approval WHERE approval_id = '{req}'))

-- cora_decide AIMS2: says that she decided before it was asked
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'approve', 'r', '{digest}', '{now}', '', '', 1, '2021-01-01T00:00:00.000000Z')

-- cora_decide 42501: says that she decided tomorrow
INSERT INTO aims_vote VALUES ('x', '{req}', 'cora', 'cora', 'committee_member', 'approve', 'r', '{digest}', '{now}', '', '', 1, '{soon}')

-- carl_decide AIMS2: says that he decided anew before he decided first
INSERT INTO aims_vote VALUES ('x', '{req}', 'carl', 'carl', 'committee_member', 'refuse', 'r', '{digest}', '{now}', '', '', 1, (SELECT requested_at FROM aims_approval WHERE approval_id = '{req}'))

-- carl_decide 42501: says of his vote that it was earlier
UPDATE aims_vote SET fact_at = '2021-01-01T00:00:00.000000Z'

-- olga passes: says that she stopped it after she asked
INSERT INTO aims_transition VALUES ('x', 'good', 'suspend', 'deployment', 'deployment', 'active', 'suspended', 1, '{chat_digest}', 'o-halt', 'olga', '{now}', '{machine}', 'broken', '[]', '2022-01-01T00:00:00.000000Z')

-- olga AIMS2: says that she stopped it before she asked
INSERT INTO aims_transition VALUES ('x', 'good', 'suspend', 'deployment', 'deployment', 'active', 'suspended', 1, '{chat_digest}', 'o-halt', 'olga', '{now}', '{machine}', 'broken', '[]', '2020-06-01T00:00:00.000000Z')

-- olga 42501: says that she stopped it tomorrow
INSERT INTO aims_transition VALUES ('x', 'good', 'suspend', 'deployment', 'deployment', 'active', 'suspended', 1, '{chat_digest}', 'o-halt', 'olga', '{now}', '{machine}', 'broken', '[]', '{soon}')

-- cora_decide passes: says that the step was taken after it was decided
INSERT INTO aims_transition VALUES ('x', 'fresh', 'retire', 'design_and_development', 'retirement', 'active', 'active', 1, '{fresh_digest}', 'o-retire', 'cora', '{now}', '{machine}', '', '{met}', '2023-01-01T00:00:00.000000Z')

-- cora_decide AIMS2: says that the step was taken before it was decided
INSERT INTO aims_transition VALUES ('x', 'fresh', 'retire', 'design_and_development', 'retirement', 'active', 'active', 1, '{fresh_digest}', 'o-retire', 'cora', '{now}', '{machine}', '', '{met}', '2021-06-01T00:00:00.000000Z')

-- olga 42501: says of a step that it was earlier
UPDATE aims_transition SET fact_at = '2021-01-01T00:00:00.000000Z'

-- olga passes: withdraws and says when that was
SELECT aims_teams.close(ARRAY['o-halt'], 'withdrawn', 'later', '2022-01-01T00:00:00.000000Z')

-- olga AIMS2: says that she withdrew before she asked
SELECT aims_teams.close(ARRAY['o-halt'], 'withdrawn', 'later', '2020-06-01T00:00:00.000000Z')

-- olga 42501: says that she withdrew tomorrow
SELECT aims_teams.close(ARRAY['o-halt'], 'withdrawn', 'later', '{soon}')

-- uma AIMS2: says when a request expired
SELECT aims_teams.close(ARRAY['{expired}'], 'expired', 'late', '2022-01-01T00:00:00.000000Z')

-- cora_decide AIMS1: lends her seat to who audits
INSERT INTO aims_delegation VALUES ('x', 'cora', 'aude', 'committee_member', 'organisation', '', '{now}', '{soon}', '', '{now}')

-- otto_decide AIMS1: has somebody audit to whom a seat is lent
INSERT INTO aims_grant VALUES ('x', 'seated', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide AIMS1: has somebody audit to whom a seat was lent until lately
INSERT INTO aims_grant VALUES ('x', 'unseated', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: has somebody audit to whom a seat was lent that ended long ago
INSERT INTO aims_grant VALUES ('x', 'stood', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: has somebody audit to whom a seat was lent whose time was over long ago
INSERT INTO aims_grant VALUES ('x', 'overdue', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide AIMS1: has the owner of a system audit
INSERT INTO aims_grant VALUES ('x', 'landlord', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide AIMS1: has somebody audit who owned a system until lately
INSERT INTO aims_grant VALUES ('x', 'seller', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: has somebody audit who owned a system long ago
INSERT INTO aims_grant VALUES ('x', 'heir', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: has somebody audit whose system was retired long ago
INSERT INTO aims_grant VALUES ('x', 'retiree', 'auditor', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: gives work to who owns a system
INSERT INTO aims_grant VALUES ('x', 'landlord', 'developer', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: gives work to whom a seat is lent
INSERT INTO aims_grant VALUES ('x', 'seated', 'developer', 'organisation', '', 'otto', '{now}')

-- olga AIMS1: registers a system of which an auditor is the owner
INSERT INTO aims_system SELECT 'x', name, use_case, 'aude', origin, declared_risk_category, unit, intended_use, supplier, human_oversight, incident_contact, attributes, components, 'inception', 'active', 'undetermined', 'none', 'new', 1, digest, '{now}', '{now}', search FROM aims_system WHERE system_id = 'payroll'

-- olga AIMS1: hands a system to an auditor by a revision
INSERT INTO aims_system_revision SELECT v.system_id, 1 + v.revision, c.content, encode(sha256(convert_to(c.content, 'UTF8')), 'hex'), 'olga', '{now}' FROM aims_system_revision v, LATERAL (SELECT replace(v.content, '"owner":"olga"', '"owner":"aude"') AS content) c WHERE v.system_id = 'fresh' ORDER BY v.revision DESC LIMIT 1

-- olga passes: hands a system to somebody who does not audit
INSERT INTO aims_system_revision SELECT v.system_id, 1 + v.revision, c.content, encode(sha256(convert_to(c.content, 'UTF8')), 'hex'), 'olga', '{now}' FROM aims_system_revision v, LATERAL (SELECT replace(v.content, '"owner":"olga"', '"owner":"ines"') AS content) c WHERE v.system_id = 'fresh' ORDER BY v.revision DESC LIMIT 1

-- olga passes: revises a system that an auditor owns since before the rule
INSERT INTO aims_system_revision SELECT v.system_id, 1 + v.revision, c.content, encode(sha256(convert_to(c.content, 'UTF8')), 'hex'), 'olga', '{now}' FROM aims_system_revision v, LATERAL (SELECT replace(v.content, '"supplier":""', '"supplier":"Y"') AS content) c WHERE v.system_id = 'audited' ORDER BY v.revision DESC LIMIT 1

-- ada AIMS2: makes an account known of a person who is not
INSERT INTO aims_actor VALUES ('olga2', 'Olga', 'person', 'Olga', '{now}', 'ada')

-- ada AIMS2: makes an account known of a person who is a service
INSERT INTO aims_actor VALUES ('olga2', 'Olga', 'person', 'keeper', '{now}', 'ada')

-- ada passes: makes a second account of a person known
INSERT INTO aims_actor VALUES ('olga2', 'Olga', 'person', 'olga', '{now}', 'ada')

-- ada AIMS2: makes somebody known whose id is another's in large letters
INSERT INTO aims_actor VALUES ('Olga', 'Olga', 'person', 'Olga', '{now}', 'ada')

-- ines AIMS2: an import adds a unit whose id is a person's in large letters
INSERT INTO aims_actor VALUES ('OLGA', 'OLGA', 'unit', 'OLGA', '{now}', 'ines')

-- ada AIMS2: the same with letters beyond ASCII
INSERT INTO aims_actor VALUES ('änne', 'änne', 'person', 'änne', '{now}', 'ada')

-- ada passes: makes somebody known whose id has other letters, though as many
INSERT INTO aims_actor VALUES ('Ölle', 'Ölle', 'person', 'Ölle', '{now}', 'ada')

-- carl_decide AIMS1: decides on a waiver of a system that he owns
INSERT INTO aims_waiver_vote VALUES ('w-held', 'carl', 'carl', 'approve', '', '{now}')

-- cora_decide passes: decides on a waiver of a system that another owns
INSERT INTO aims_waiver_vote VALUES ('w-held', 'cora', 'cora', 'approve', '', '{now}')

-- carl_decide AIMS1: has a waiver granted with the approval of the owner
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}' WHERE waiver_id = 'w-held-voted'

-- carl_decide AIMS1: decides on a waiver while a request of his waits for it
INSERT INTO aims_waiver_vote VALUES ('w-awaited', 'carl', 'carl', 'approve', '', '{now}')

-- cora_decide passes: decides on a waiver when her request is over
INSERT INTO aims_waiver_vote VALUES ('w-awaited', 'cora', 'cora', 'approve', '', '{now}')

-- cora_decide AIMS1: decides on a waiver of a system that she develops
INSERT INTO aims_waiver_vote VALUES ('w-old', 'cora', 'cora', 'approve', '', '{now}')

-- carl_decide passes: decides on a waiver of a system that others develop
INSERT INTO aims_waiver_vote VALUES ('w-old', 'carl', 'carl', 'approve', '', '{now}')

-- otto_decide passes: lays his role down and leaves the other administrator alone
UPDATE aims_grant SET revoked_by = 'otto', revoked_at = '{now}' WHERE actor = 'otto' AND role = 'administrator'

-- tessa_decide passes: takes an administrator's role back as top management
UPDATE aims_grant SET revoked_by = 'tessa', revoked_at = '{now}' WHERE actor = 'otto' AND role = 'administrator'

-- tessa_decide AIMS2: takes the roles of both administrators back as top management
UPDATE aims_grant SET revoked_by = 'tessa', revoked_at = '{now}' WHERE actor = 'otto' AND role = 'administrator'; UPDATE aims_grant SET revoked_by = 'tessa', revoked_at = '{now}' WHERE actor = 'ada' AND role = 'administrator'

-- tessa_decide 42501: takes another role back as top management
UPDATE aims_grant SET revoked_by = 'tessa', revoked_at = '{now}' WHERE actor = 'carl'

-- tessa_decide 42501: grants a role as top management
INSERT INTO aims_grant VALUES ('x', 'uma', 'administrator', 'organisation', '', 'tessa', '{now}')

-- tim_decide 42501: takes an administrator's role back as top management of a unit
UPDATE aims_grant SET revoked_by = 'tim', revoked_at = '{now}' WHERE actor = 'otto' AND role = 'administrator'

-- otto_decide AIMS1: gives a role that decides to a service
INSERT INTO aims_grant VALUES ('x', 'keeper', 'committee_member', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: gives a role that drafts to a service
INSERT INTO aims_grant VALUES ('x', 'keeper', 'incident_manager', 'organisation', '', 'otto', '{now}')

-- otto_decide passes: gives a role that decides to a person
INSERT INTO aims_grant VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}')

-- ada AIMS1: proposes a role that decides for a plugin
INSERT INTO aims_role_change VALUES ('x', 'plugin:x', 'legal_counsel', 'organisation', '', '', 'ada', '{now}', 'proposed')

-- ada passes: proposes a role that drafts for a plugin
INSERT INTO aims_role_change VALUES ('x', 'plugin:x', 'incident_manager', 'organisation', '', '', 'ada', '{now}', 'proposed')

-- keeper 42501: takes an administrator's role back as a service that was made top management once
UPDATE aims_grant SET revoked_by = 'keeper', revoked_at = '{now}' WHERE actor = 'otto' AND role = 'administrator'

-- otto_decide passes: says that a role was granted a year after it was proposed
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', '2021-01-01T00:00:00.000000Z')

-- otto_decide 42501: says that a role was granted tomorrow
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', '{soon}')

-- otto_decide 42501: says when a role was granted in a form of his own
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', '2021-01-01')

-- otto_decide passes: says of a role when it was granted and confirmed
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', '2021-01-01T00:00:00.000000Z'); UPDATE aims_role_change SET status = 'confirmed', closed_by = 'otto', closed_at = '{now}', grant_id = 'x', closed_fact_at = '2021-01-01T00:00:00.000000Z' WHERE change_id = 'h-k-3'

-- otto_decide AIMS2: says that a role was granted at another time than confirmed
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', '2021-01-01T00:00:00.000000Z'); UPDATE aims_role_change SET status = 'confirmed', closed_by = 'otto', closed_at = '{now}', grant_id = 'x', closed_fact_at = '2021-02-01T00:00:00.000000Z' WHERE change_id = 'h-k-3'

-- otto_decide AIMS2: says of a confirmation what the grant does not say
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', NULL); UPDATE aims_role_change SET status = 'confirmed', closed_by = 'otto', closed_at = '{now}', grant_id = 'x', closed_fact_at = '2021-01-01T00:00:00.000000Z' WHERE change_id = 'h-k-3'

-- otto_decide AIMS2: says that a role was confirmed before it was proposed
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', '2019-01-01T00:00:00.000000Z'); UPDATE aims_role_change SET status = 'confirmed', closed_by = 'otto', closed_at = '{now}', grant_id = 'x', closed_fact_at = '2019-01-01T00:00:00.000000Z' WHERE change_id = 'h-k-3'

-- otto passes: says when a role was declined
UPDATE aims_role_change SET status = 'declined', closed_by = 'otto', closed_at = '{now}', closed_fact_at = '2021-01-01T00:00:00.000000Z' WHERE change_id = 'h-done-in-fact'

-- otto AIMS2: says that a role was declined before it was proposed in fact
UPDATE aims_role_change SET status = 'declined', closed_by = 'otto', closed_at = '{now}', closed_fact_at = '2019-01-01T00:00:00.000000Z' WHERE change_id = 'h-done-in-fact'

-- otto passes: says that a role was declined after it was proposed in fact, before that was entered
UPDATE aims_role_change SET status = 'declined', closed_by = 'otto', closed_at = '{now}', closed_fact_at = '2019-09-01T00:00:00.000000Z' WHERE change_id = 'h-done-in-fact'

-- otto 42501: says that a role was declined tomorrow
UPDATE aims_role_change SET status = 'declined', closed_by = 'otto', closed_at = '{now}', closed_fact_at = '{soon}' WHERE change_id = 'h-done-in-fact'

-- otto 42501: says of an open proposal when it ended
UPDATE aims_role_change SET closed_fact_at = '2021-01-01T00:00:00.000000Z' WHERE change_id = '{rch}'

-- ada passes: says that she proposed a role a year ago
INSERT INTO aims_role_change (change_id, actor, role, scope_kind, scope, reason, proposed_by, proposed_at, status, fact_at) VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'ada', '{now}', 'proposed', '2021-01-01T00:00:00.000000Z')

-- ada 42501: says that she proposes a role tomorrow
INSERT INTO aims_role_change (change_id, actor, role, scope_kind, scope, reason, proposed_by, proposed_at, status, fact_at) VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'ada', '{now}', 'proposed', '{soon}')

-- ada 42501: says of a proposal when it ended
INSERT INTO aims_role_change (change_id, actor, role, scope_kind, scope, reason, proposed_by, proposed_at, status, closed_fact_at) VALUES ('x', 'uma', 'auditor', 'organisation', '', '', 'ada', '{now}', 'proposed', '2021-01-01T00:00:00.000000Z')

-- ada 42501: states another time at which she proposed
UPDATE aims_role_change SET fact_at = '2019-02-01T00:00:00.000000Z' WHERE change_id = 'h-done-in-fact'

-- postgres 42501: the owner states another time at which a role was proposed
UPDATE aims_role_change SET fact_at = '2019-02-01T00:00:00.000000Z' WHERE change_id = 'h-done-in-fact'

-- ada_decide passes: says that a role was taken back after it was granted
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}', revoke_reason = 'r', revoked_fact_at = '2021-01-01T00:00:00.000000Z' WHERE grant_id = 'r3'

-- ada_decide AIMS2: says that a role was taken back before it was granted
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}', revoke_reason = 'r', revoked_fact_at = '2019-01-01T00:00:00.000000Z' WHERE grant_id = 'r3'

-- ada_decide passes: says that a role was taken back after it was granted in fact, before that was entered
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}', revoke_reason = 'r', revoked_fact_at = '2019-09-01T00:00:00.000000Z' WHERE grant_id = 'r-in-fact'

-- ada_decide AIMS2: says that a role was taken back before it was granted in fact
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}', revoke_reason = 'r', revoked_fact_at = '2019-05-01T00:00:00.000000Z' WHERE grant_id = 'r-in-fact'

-- ada_decide 42501: says that a role was taken back tomorrow
UPDATE aims_grant SET revoked_by = 'ada', revoked_at = '{now}', revoke_reason = 'r', revoked_fact_at = '{soon}' WHERE grant_id = 'r3'

-- otto_decide 42501: says of a role that is granted when it was taken back
INSERT INTO aims_grant (grant_id, actor, role, scope_kind, scope, granted_by, granted_at, revoked_fact_at) VALUES ('x', 'neil', 'committee_member', 'organisation', '', 'otto', '{now}', '2021-01-01T00:00:00.000000Z')

-- ada_decide 42501: says of a role that it was granted earlier
UPDATE aims_grant SET fact_at = '2019-01-01T00:00:00.000000Z' WHERE grant_id = 'r3'

-- ada_decide 42501: says of a role that was taken back when that was
UPDATE aims_grant SET revoked_fact_at = '2021-01-01T00:00:00.000000Z' WHERE grant_id = 'r2'

-- postgres 42501: the owner states another time at which a role was granted
UPDATE aims_grant SET fact_at = '2019-01-01T00:00:00.000000Z', revoked_by = 'ada', revoked_at = '{now}' WHERE grant_id = 'r-in-fact'

-- olga passes: says that she proposed a waiver a year after the system's entry
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, fact_at) VALUES ('x', 'good', 'c', 'r', 'm', '2999-01-01', 'limited', 1, 'proposed', 'olga', '{now}', '2021-01-01T00:00:00.000000Z')

-- olga AIMS2: says that she proposed a waiver before the system's entry
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, fact_at) VALUES ('x', 'good', 'c', 'r', 'm', '2999-01-01', 'limited', 1, 'proposed', 'olga', '{now}', '2019-01-01T00:00:00.000000Z')

-- olga passes: says that she proposed a waiver of a system that ran before
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, fact_at) VALUES ('x', 'again', 'c', 'r', 'm', '2999-01-01', 'limited', 1, 'proposed', 'olga', '{now}', '2019-01-01T00:00:00.000000Z')

-- olga 42501: says that she proposes a waiver tomorrow
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, fact_at) VALUES ('x', 'good', 'c', 'r', 'm', '2999-01-01', 'limited', 1, 'proposed', 'olga', '{now}', '{soon}')

-- carl_decide 42501: says of a proposed waiver when it was granted
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, granted_fact_at) VALUES ('x', 'good', 'c', 'r', 'm', '2999-01-01', 'limited', 1, 'proposed', 'carl', '{now}', '2021-01-01T00:00:00.000000Z')

-- olga 42501: says of a proposed waiver when it ended
INSERT INTO aims_waiver (waiver_id, system_id, condition, reason, compensating_measure, expires_on, tier, revision, status, proposed_by, proposed_at, closed_fact_at) VALUES ('x', 'good', 'c', 'r', 'm', '2999-01-01', 'limited', 1, 'proposed', 'olga', '{now}', '2021-01-01T00:00:00.000000Z')

-- carl_decide passes: says that he decided on a waiver when it was proposed in fact
INSERT INTO aims_waiver_vote (waiver_id, person, actor, decision, reason, at, fact_at) VALUES ('w-fact', 'carl', 'carl', 'approve', 'r', '{now}', '2019-06-01T00:00:00.000000Z')

-- carl_decide AIMS2: says that he decided on a waiver before it was proposed in fact
INSERT INTO aims_waiver_vote (waiver_id, person, actor, decision, reason, at, fact_at) VALUES ('w-fact', 'carl', 'carl', 'approve', 'r', '{now}', '2019-05-01T00:00:00.000000Z')

-- carl_decide 42501: says that he decides on a waiver tomorrow
INSERT INTO aims_waiver_vote (waiver_id, person, actor, decision, reason, at, fact_at) VALUES ('w-fact', 'carl', 'carl', 'approve', 'r', '{now}', '{soon}')

-- cora_decide passes: says that a waiver was granted by the last vote
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}', granted_fact_at = '2020-06-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-voted'

-- cora_decide AIMS2: says that a waiver was granted before the last vote
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}', granted_fact_at = '2020-03-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-voted'

-- cora_decide 42501: says that a waiver is granted tomorrow
UPDATE aims_waiver SET status = 'granted', granted_at = '{now}', granted_fact_at = '{soon}' WHERE waiver_id = 'w-fact-voted'

-- cora_decide 42501: says when a waiver was granted that is not
UPDATE aims_waiver SET granted_fact_at = '2021-01-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-voted'

-- olga 42501: says when a waiver was granted, with the working credential
UPDATE aims_waiver SET granted_fact_at = '2021-01-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-voted'

-- olga 42501: says when a waiver ended that has not
UPDATE aims_waiver SET closed_fact_at = '2021-01-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-voted'

-- carl_decide passes: refuses a waiver and says when that was
INSERT INTO aims_waiver_vote (waiver_id, person, actor, decision, reason, at, fact_at) VALUES ('w-fact', 'carl', 'carl', 'refuse', 'r', '{now}', '2020-06-01T00:00:00.000000Z'); UPDATE aims_waiver SET status = 'refused', closed_by = 'carl', closed_at = '{now}', closed_fact_at = '2020-06-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact'

-- carl_decide AIMS2: says that a waiver was refused at another time than by the vote
INSERT INTO aims_waiver_vote (waiver_id, person, actor, decision, reason, at, fact_at) VALUES ('w-fact', 'carl', 'carl', 'refuse', 'r', '{now}', '2020-06-01T00:00:00.000000Z'); UPDATE aims_waiver SET status = 'refused', closed_by = 'carl', closed_at = '{now}', closed_fact_at = '2020-07-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact'

-- carl_decide AIMS2: says when a waiver was refused on which nobody voted
UPDATE aims_waiver SET status = 'refused', closed_by = 'carl', closed_at = '{now}', closed_fact_at = '2020-06-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact'

-- olga passes: says that a waiver was withdrawn after it was proposed in fact
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'olga', closed_at = '{now}', closed_fact_at = '2019-09-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact'

-- olga AIMS2: says that a waiver was withdrawn before it was proposed in fact
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'olga', closed_at = '{now}', closed_fact_at = '2019-05-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact'

-- olga passes: says that a waiver was withdrawn after it was granted in fact
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'olga', closed_at = '{now}', closed_fact_at = '2020-09-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-granted'

-- olga AIMS2: says that a waiver was withdrawn before it was granted in fact
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'olga', closed_at = '{now}', closed_fact_at = '2020-03-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-granted'

-- olga 42501: says that a waiver is withdrawn tomorrow
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'olga', closed_at = '{now}', closed_fact_at = '{soon}' WHERE waiver_id = 'w-fact'

-- olga 42501: states another time at which a waiver was proposed
UPDATE aims_waiver SET fact_at = '2019-01-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact'

-- postgres 42501: the owner states another time at which a waiver was granted
UPDATE aims_waiver SET status = 'withdrawn', closed_by = 'ada', closed_at = '{now}', granted_fact_at = '2021-01-01T00:00:00.000000Z' WHERE waiver_id = 'w-fact-granted'

-- carl_decide 42501: says of his vote on a waiver that it was earlier
UPDATE aims_waiver_vote SET fact_at = '2019-01-01T00:00:00.000000Z'

-- ada passes: says that she recorded an exception of a system a year after its entry
INSERT INTO aims_exception (exception_id, rule, reason, compensating_control, scope_kind, scope, pairs, expires_on, recorded_by, recorded_at, fact_at) VALUES ('x', 'R1', 'r', 'c', 'system', 'good', '[]', '2999-01-01', 'ada', '{now}', '2021-01-01T00:00:00.000000Z')

-- ada AIMS2: says that she recorded an exception of a system before its entry
INSERT INTO aims_exception (exception_id, rule, reason, compensating_control, scope_kind, scope, pairs, expires_on, recorded_by, recorded_at, fact_at) VALUES ('x', 'R1', 'r', 'c', 'system', 'good', '[]', '2999-01-01', 'ada', '{now}', '2019-01-01T00:00:00.000000Z')

-- ada passes: says that she recorded an exception of a system that ran before
INSERT INTO aims_exception (exception_id, rule, reason, compensating_control, scope_kind, scope, pairs, expires_on, recorded_by, recorded_at, fact_at) VALUES ('x', 'R1', 'r', 'c', 'system', 'again', '[]', '2999-01-01', 'ada', '{now}', '2019-01-01T00:00:00.000000Z')

-- ada passes: says that she recorded an exception of a unit named as a system was, before that
INSERT INTO aims_exception (exception_id, rule, reason, compensating_control, scope_kind, scope, pairs, expires_on, recorded_by, recorded_at, fact_at) VALUES ('x', 'R1', 'r', 'c', 'unit', 'good', '[]', '2999-01-01', 'ada', '{now}', '2019-01-01T00:00:00.000000Z')

-- ada 42501: says that she records an exception tomorrow
INSERT INTO aims_exception (exception_id, rule, reason, compensating_control, scope_kind, scope, pairs, expires_on, recorded_by, recorded_at, fact_at) VALUES ('x', 'R1', 'r', 'c', 'organisation', '', '[]', '2999-01-01', 'ada', '{now}', '{soon}')

-- ada_decide 42501: says of an exception that she records when it was approved
INSERT INTO aims_exception (exception_id, rule, reason, compensating_control, scope_kind, scope, pairs, expires_on, recorded_by, recorded_at, approved_fact_at) VALUES ('x', 'R1', 'r', 'c', 'organisation', '', '[]', '2999-01-01', 'ada', '{now}', '2021-01-01T00:00:00.000000Z')

-- ada 42501: says of an exception that she records when it ended
INSERT INTO aims_exception (exception_id, rule, reason, compensating_control, scope_kind, scope, pairs, expires_on, recorded_by, recorded_at, ended_fact_at) VALUES ('x', 'R1', 'r', 'c', 'organisation', '', '[]', '2999-01-01', 'ada', '{now}', '2021-01-01T00:00:00.000000Z')

-- otto_decide passes: says that an exception was approved after it was recorded in fact
UPDATE aims_exception SET approved_by = 'otto', approved_at = '{now}', approved_fact_at = '2019-09-01T00:00:00.000000Z' WHERE exception_id = 'e-fact'

-- otto_decide AIMS2: says that an exception was approved before it was recorded in fact
UPDATE aims_exception SET approved_by = 'otto', approved_at = '{now}', approved_fact_at = '2019-05-01T00:00:00.000000Z' WHERE exception_id = 'e-fact'

-- otto_decide 42501: says that an exception is approved tomorrow
UPDATE aims_exception SET approved_by = 'otto', approved_at = '{now}', approved_fact_at = '{soon}' WHERE exception_id = 'e-fact'

-- otto_decide 42501: says when an exception was approved that is not
UPDATE aims_exception SET approved_fact_at = '2021-01-01T00:00:00.000000Z' WHERE exception_id = 'e-fact'

-- otto_decide 42501: says later when an exception was approved
UPDATE aims_exception SET approved_fact_at = '2021-01-01T00:00:00.000000Z' WHERE exception_id = 'e1'

-- otto 42501: says when an exception was approved, with the working credential
UPDATE aims_exception SET approved_fact_at = '2021-01-01T00:00:00.000000Z', ended_by = 'otto', ended_at = '{now}' WHERE exception_id = 'e-fact'

-- ada 42501: says when an exception ended that has not
UPDATE aims_exception SET ended_fact_at = '2021-01-01T00:00:00.000000Z' WHERE exception_id = 'e1'

-- ada passes: says that an exception ended after it was recorded in fact
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r', ended_fact_at = '2019-09-01T00:00:00.000000Z' WHERE exception_id = 'e-fact'

-- ada AIMS2: says that an exception ended before it was recorded in fact
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r', ended_fact_at = '2019-05-01T00:00:00.000000Z' WHERE exception_id = 'e-fact'

-- ada passes: says that an exception ended after it was approved
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r', ended_fact_at = '2021-01-01T00:00:00.000000Z' WHERE exception_id = 'e1'

-- ada AIMS2: says that an exception ended before it was approved
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r', ended_fact_at = '2019-01-01T00:00:00.000000Z' WHERE exception_id = 'e1'

-- ada AIMS2: says that an exception ended before it was approved in fact
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r', ended_fact_at = '2019-08-01T00:00:00.000000Z' WHERE exception_id = 'e-fact-approved'

-- ada passes: says that an exception ended after it was approved in fact
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r', ended_fact_at = '2019-10-01T00:00:00.000000Z' WHERE exception_id = 'e-fact-approved'

-- ada 42501: says that an exception ends tomorrow
UPDATE aims_exception SET ended_by = 'ada', ended_at = '{now}', end_reason = 'r', ended_fact_at = '{soon}' WHERE exception_id = 'e1'

-- ada 42501: states another time at which an exception was recorded
UPDATE aims_exception SET fact_at = '2019-01-01T00:00:00.000000Z' WHERE exception_id = 'e-fact'

-- postgres 42501: the owner states another time at which an exception was recorded
UPDATE aims_exception SET fact_at = '2019-01-01T00:00:00.000000Z', ended_by = 'ada', ended_at = '{now}' WHERE exception_id = 'e-fact'

-- carl passes: says that he placed a hold a year after the system's entry
INSERT INTO aims_evidence_hold (hold_id, system_id, reason, placed_by, placed_at, fact_at) VALUES ('x', 'good', 'case', 'carl', '{now}', '2021-01-01T00:00:00.000000Z')

-- carl AIMS2: says that he placed a hold before the system's entry
INSERT INTO aims_evidence_hold (hold_id, system_id, reason, placed_by, placed_at, fact_at) VALUES ('x', 'good', 'case', 'carl', '{now}', '2019-01-01T00:00:00.000000Z')

-- carl passes: says that he placed a hold on a system that ran before
INSERT INTO aims_evidence_hold (hold_id, system_id, reason, placed_by, placed_at, fact_at) VALUES ('x', 'again', 'case', 'carl', '{now}', '2019-01-01T00:00:00.000000Z')

-- carl 42501: says that he places a hold tomorrow
INSERT INTO aims_evidence_hold (hold_id, system_id, reason, placed_by, placed_at, fact_at) VALUES ('x', 'good', 'case', 'carl', '{now}', '{soon}')

-- carl 42501: says of a hold that he places when its release was proposed
INSERT INTO aims_evidence_hold (hold_id, system_id, reason, placed_by, placed_at, release_proposed_fact_at) VALUES ('x', 'good', 'case', 'carl', '{now}', '2021-01-01T00:00:00.000000Z')

-- carl 42501: says of a hold that he places when it was released
INSERT INTO aims_evidence_hold (hold_id, system_id, reason, placed_by, placed_at, released_fact_at) VALUES ('x', 'good', 'case', 'carl', '{now}', '2021-01-01T00:00:00.000000Z')

-- rita passes: says that a release was proposed after the hold was placed in fact
UPDATE aims_evidence_hold SET release_proposed_by = 'rita', release_proposed_at = '{now}', release_reason = 'over', release_proposed_fact_at = '2019-09-01T00:00:00.000000Z' WHERE hold_id = 'l-fact'

-- rita AIMS2: says that a release was proposed before the hold was placed in fact
UPDATE aims_evidence_hold SET release_proposed_by = 'rita', release_proposed_at = '{now}', release_reason = 'over', release_proposed_fact_at = '2019-05-01T00:00:00.000000Z' WHERE hold_id = 'l-fact'

-- rita 42501: says that a release is proposed tomorrow
UPDATE aims_evidence_hold SET release_proposed_by = 'rita', release_proposed_at = '{now}', release_reason = 'over', release_proposed_fact_at = '{soon}' WHERE hold_id = 'l-fact'

-- rita 42501: says when a release was proposed that is not
UPDATE aims_evidence_hold SET release_proposed_fact_at = '2021-01-01T00:00:00.000000Z' WHERE hold_id = 'l-fact'

-- rita 42501: says later when a release was proposed
UPDATE aims_evidence_hold SET release_proposed_fact_at = '2021-01-01T00:00:00.000000Z' WHERE hold_id = 'l-asked'

-- rita 42501: unsays the time at which a release was proposed
UPDATE aims_evidence_hold SET release_proposed_fact_at = NULL WHERE hold_id = 'l-fact-asked'

-- rita 42501: states another time at which a release was proposed, with the proposal
UPDATE aims_evidence_hold SET release_proposed_by = 'rita', release_proposed_at = '{now}', release_reason = 'over', release_proposed_fact_at = '2019-10-01T00:00:00.000000Z' WHERE hold_id = 'l-fact-asked'

-- carl passes: declines a release and takes its time of fact away
UPDATE aims_evidence_hold SET release_proposed_by = NULL, release_proposed_at = NULL, release_reason = NULL, release_proposed_fact_at = NULL WHERE hold_id = 'l-fact-asked'

-- carl 42501: declines a release and leaves its time of fact
UPDATE aims_evidence_hold SET release_proposed_by = NULL, release_proposed_at = NULL, release_reason = NULL WHERE hold_id = 'l-fact-asked'

-- carl_decide passes: says that a hold was released after that was proposed in fact
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}', released_fact_at = '2019-10-01T00:00:00.000000Z' WHERE hold_id = 'l-fact-asked'

-- carl_decide AIMS2: says that a hold was released before that was proposed in fact
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}', released_fact_at = '2019-08-01T00:00:00.000000Z' WHERE hold_id = 'l-fact-asked'

-- carl_decide passes: says that a hold was released after that was proposed
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}', released_fact_at = '2021-01-01T00:00:00.000000Z' WHERE hold_id = 'l-asked'

-- carl_decide AIMS2: says that a hold was released before that was proposed
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}', released_fact_at = '2019-08-01T00:00:00.000000Z' WHERE hold_id = 'l-asked'

-- carl_decide 42501: says that a hold is released tomorrow
UPDATE aims_evidence_hold SET released_by = 'carl', released_at = '{now}', released_fact_at = '{soon}' WHERE hold_id = 'l-asked'

-- carl_decide 42501: says when a hold was released that is not
UPDATE aims_evidence_hold SET released_fact_at = '2021-01-01T00:00:00.000000Z' WHERE hold_id = 'l-asked'

-- postgres 42501: the owner states another time at which a hold was placed
UPDATE aims_evidence_hold SET fact_at = '2019-01-01T00:00:00.000000Z' WHERE hold_id = 'l-fact'

-- postgres 42501: the owner unsays the time at which a hold was placed
UPDATE aims_evidence_hold SET fact_at = NULL WHERE hold_id = 'l-fact'
