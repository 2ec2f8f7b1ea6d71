-- An address counts as verified once its owner showed it: by the identity provider, or by a link that only the mailbox got.
alter table users add column email_verified_at timestamptz;
update users set email_verified_at = now() where oidc_subject is not null;

-- What lets others in remembers who made it, by id: it ends with the right to make it. Null: the server or the person at the machine.
alter table links add column made_by uuid references users (id) on delete cascade;
alter table links add column mailed boolean not null default false;
-- Nobody knows who made the open ones; they last an hour.
delete from links where purpose = 'reset';

alter table invitations add column inviter_id uuid references users (id) on delete cascade;
-- Of the link that only the mailbox gets; the other one is the inviter's copy.
alter table invitations add column mailed_token_hash bytea unique;
create index invitations_inviter on invitations (inviter_id);
update invitations i set inviter_id = (
  select a.actor_id::uuid from audit_log a join users u on u.id::text = a.actor_id
  where a.action = 'invitation.created' and a.actor_kind = 'user' and a.target = i.email
    and a.creator_id is not distinct from i.creator_id
  order by a.id desc limit 1
);
delete from invitations where inviter_id is null and invited_by <> 'owner at the machine';

-- No reference: a key that is kept still says who made it when that user is gone.
alter table api_keys add column created_by_id uuid;
create index api_keys_created_by on api_keys (created_by_id);
update api_keys k set created_by_id = (
  select a.actor_id::uuid from audit_log a
  where a.actor_kind = 'user'
    and ((a.action = 'api_key.created' and a.target = k.id)
      or (a.action = 'api_key.rotated' and a.details ->> 'new_id' = k.id))
  order by a.id desc limit 1
);
