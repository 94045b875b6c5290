CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`display_name` text NOT NULL,
	`role` text NOT NULL,
	`language` text,
	`disabled` integer NOT NULL,
	`password_hash` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`last_sign_in_at_ms` integer
);

--> statement-breakpoint
CREATE UNIQUE INDEX `users_name_key_unique` ON `users` (`name_key`);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`user_id` text,
	`api_token_id` text,
	`created_at_ms` integer NOT NULL,
	`last_used_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`address` text NOT NULL,
	`browser` text NOT NULL,
	`system` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`api_token_id`) REFERENCES `api_tokens`(`id`) ON UPDATE no action ON DELETE cascade
);

--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_id_unique` ON `sessions` (`id`);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`,`last_used_at_ms`);
--> statement-breakpoint
CREATE INDEX `sessions_token` ON `sessions` (`api_token_id`);
--> statement-breakpoint
CREATE INDEX `sessions_last_used` ON `sessions` (`last_used_at_ms`);
--> statement-breakpoint
CREATE INDEX `sessions_expires` ON `sessions` (`expires_at_ms`);
--> statement-breakpoint
CREATE TABLE `api_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`last_used_at_ms` integer
);

--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_token_hash_unique` ON `api_tokens` (`token_hash`);
--> statement-breakpoint
CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`detail` text NOT NULL,
	`hash` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at_ms`,`seq`);
--> statement-breakpoint
CREATE INDEX `audit_action` ON `audit` (`action`,`seq`);
--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor`,`seq`);
--> statement-breakpoint
CREATE INDEX `audit_subject` ON `audit` (`subject`,`seq`);
--> statement-breakpoint
CREATE TABLE `agent_config_versions` (
	`version` integer PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`by` text NOT NULL,
	`restored_from` integer,
	`content` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `agent_config_standings` (
	`agent_id` text PRIMARY KEY NOT NULL,
	`runs` integer,
	`runs_since_ms` integer,
	`told` integer,
	`told_at_ms` integer,
	`refused` text,
	`able` integer NOT NULL,
	`serial` integer,
	`checks` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `reclassifications` (
	`id` text PRIMARY KEY NOT NULL,
	`ci_id` text NOT NULL,
	`from_ms` integer NOT NULL,
	`to_ms` integer NOT NULL,
	`counts_as` text NOT NULL,
	`reason` text NOT NULL,
	`undoes` text,
	`state` text NOT NULL,
	`requested_by` text NOT NULL,
	`requested_at_ms` integer NOT NULL,
	`decided_by` text,
	`decided_at_ms` integer,
	`decision_note` text
);

--> statement-breakpoint
CREATE TABLE `availability_targets` (
	`id` text PRIMARY KEY NOT NULL,
	`ci_id` text NOT NULL,
	`percent` real NOT NULL,
	`formula` text NOT NULL,
	`period` text NOT NULL,
	`from_day` text NOT NULL,
	`agreed_with` text NOT NULL,
	`note` text NOT NULL,
	`by` text NOT NULL,
	`at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `asset_settings` (
	`class` text PRIMARY KEY NOT NULL,
	`pattern` text,
	`life_months` integer NOT NULL,
	`counters` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `assignments` (
	`id` text PRIMARY KEY NOT NULL,
	`ci_id` text NOT NULL,
	`kind` text NOT NULL,
	`person_id` text NOT NULL,
	`person_name` text NOT NULL,
	`at_ms` integer NOT NULL,
	`due` text,
	`condition` text NOT NULL,
	`note` text NOT NULL,
	`actor` text NOT NULL,
	`lifecycle` text NOT NULL,
	`ended_at_ms` integer
);

--> statement-breakpoint
CREATE INDEX `assignments_ci` ON `assignments` (`ci_id`,`id`);
--> statement-breakpoint
CREATE INDEX `assignments_person` ON `assignments` (`person_id`,`id`);
--> statement-breakpoint
CREATE INDEX `assignments_due` ON `assignments` (`ended_at_ms`,`due`);
--> statement-breakpoint
CREATE TABLE `stocktakes` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`site` text,
	`location_id` text,
	`class` text,
	`started_at_ms` integer NOT NULL,
	`started_by` text NOT NULL,
	`ended_at_ms` integer,
	`result` text
);

--> statement-breakpoint
CREATE TABLE `stocktake_scans` (
	`stocktake_id` text NOT NULL,
	`code` text NOT NULL,
	`ci_id` text,
	`at_ms` integer NOT NULL,
	`actor` text NOT NULL,
	PRIMARY KEY(`stocktake_id`, `code`)
);

--> statement-breakpoint
CREATE TABLE `presence_machines` (
	`ci_id` text PRIMARY KEY NOT NULL,
	`machine` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `presence_intervals` (
	`ci_id` text NOT NULL,
	`from_ms` integer NOT NULL,
	`to_ms` integer,
	`presence` text NOT NULL,
	`cause` text,
	`planned` integer NOT NULL,
	`evidence` text NOT NULL,
	`revised` integer NOT NULL,
	`revised_at_ms` integer,
	`was` text,
	PRIMARY KEY(`ci_id`, `from_ms`)
);

--> statement-breakpoint
CREATE INDEX `presence_intervals_end` ON `presence_intervals` (`to_ms`);
--> statement-breakpoint
CREATE TABLE `calendars` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`versions` text NOT NULL,
	`revision` integer NOT NULL,
	`updated_at_ms` integer
);

--> statement-breakpoint
CREATE TABLE `calendar_assignments` (
	`id` text PRIMARY KEY NOT NULL,
	`level` text NOT NULL,
	`key` text NOT NULL,
	`calendar_id` text,
	`from_day` text NOT NULL,
	`by` text NOT NULL,
	`at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE UNIQUE INDEX `calendar_assignments_place` ON `calendar_assignments` (`level`,`key`,`from_day`);
--> statement-breakpoint
CREATE TABLE `changes` (
	`id` text PRIMARY KEY NOT NULL,
	`ref` text NOT NULL,
	`number` integer NOT NULL,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`state` text NOT NULL,
	`kinds` text NOT NULL,
	`ci_ids` text NOT NULL,
	`tags` text NOT NULL,
	`starts_at_ms` integer NOT NULL,
	`ends_at_ms` integer NOT NULL,
	`requested_by` text NOT NULL,
	`requested_at_ms` integer NOT NULL,
	`decided_by` text,
	`decided_at_ms` integer,
	`note` text
);

--> statement-breakpoint
CREATE UNIQUE INDEX `changes_ref_unique` ON `changes` (`ref`);
--> statement-breakpoint
CREATE INDEX `changes_starts` ON `changes` (`starts_at_ms`,`id`);
--> statement-breakpoint
CREATE INDEX `changes_ends` ON `changes` (`ends_at_ms`);
--> statement-breakpoint
CREATE TABLE `change_policy` (
	`id` text PRIMARY KEY NOT NULL,
	`policy` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `own_classes` (
	`name` text PRIMARY KEY NOT NULL,
	`position` integer NOT NULL,
	`parent` text NOT NULL,
	`title` text NOT NULL,
	`archived` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `own_attributes` (
	`id` text PRIMARY KEY NOT NULL,
	`position` integer NOT NULL,
	`class` text NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`archived` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `cis` (
	`id` text PRIMARY KEY NOT NULL,
	`class` text NOT NULL,
	`subclass` text,
	`class_locked` integer NOT NULL,
	`name` text NOT NULL,
	`name_locked` integer NOT NULL,
	`lifecycle` text NOT NULL,
	`criticality` integer NOT NULL,
	`asset_number` text,
	`owner` text,
	`support_group` text,
	`service_hours` text,
	`site` text,
	`tags` text NOT NULL,
	`agent_id` text,
	`placeholder` integer NOT NULL,
	`merged_into` text,
	`created_at_ms` integer NOT NULL,
	`attributes` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `cis_name` ON `cis` (`name`,`id`);
--> statement-breakpoint
CREATE INDEX `cis_class` ON `cis` (`class`,`name`,`id`);
--> statement-breakpoint
CREATE TABLE `ci_relations` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`from_id` text NOT NULL,
	`to_id` text NOT NULL,
	`source` text NOT NULL,
	`actor` text NOT NULL,
	`since_ms` integer NOT NULL,
	`ended_at_ms` integer,
	`group_name` text,
	`needed` integer
);

--> statement-breakpoint
CREATE INDEX `ci_relations_from` ON `ci_relations` (`from_id`);
--> statement-breakpoint
CREATE INDEX `ci_relations_to` ON `ci_relations` (`to_id`);
--> statement-breakpoint
CREATE TABLE `parts` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`class` text NOT NULL,
	`section` text NOT NULL,
	`name` text NOT NULL,
	`keys` text NOT NULL,
	`attributes` text NOT NULL,
	`absent_reports` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`removed_at_ms` integer,
	FOREIGN KEY (`machine_id`) REFERENCES `cis`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE INDEX `parts_machine` ON `parts` (`machine_id`);
--> statement-breakpoint
CREATE INDEX `parts_class` ON `parts` (`class`,`removed_at_ms`,`name`,`id`);
--> statement-breakpoint
CREATE TABLE `machine_keys` (
	`machine_id` text NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`machine_id`, `kind`, `value`),
	FOREIGN KEY (`machine_id`) REFERENCES `cis`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE INDEX `machine_keys_value` ON `machine_keys` (`kind`,`value`);
--> statement-breakpoint
CREATE TABLE `software_products` (
	`id` integer PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`architecture` text,
	`source` text NOT NULL
);

--> statement-breakpoint
CREATE UNIQUE INDEX `software_products_key_unique` ON `software_products` (`key`);
--> statement-breakpoint
CREATE INDEX `software_products_name` ON `software_products` (`name`);
--> statement-breakpoint
CREATE TABLE `software_installations` (
	`machine_id` text NOT NULL,
	`product_id` integer NOT NULL,
	`version` text NOT NULL,
	`publisher` text,
	`installed_at_ms` integer,
	`size_bytes` integer,
	`first_seen_at_ms` integer NOT NULL,
	`absent_reports` integer NOT NULL,
	PRIMARY KEY(`machine_id`, `product_id`),
	FOREIGN KEY (`machine_id`) REFERENCES `cis`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`product_id`) REFERENCES `software_products`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE INDEX `software_installations_product` ON `software_installations` (`product_id`);
--> statement-breakpoint
CREATE TABLE `machine_sections` (
	`machine_id` text NOT NULL,
	`section` text NOT NULL,
	`hash` text NOT NULL,
	`complete` integer NOT NULL,
	`reported_at_ms` integer NOT NULL,
	`confirmed_at_ms` integer NOT NULL,
	`source` text NOT NULL,
	`reporter` text NOT NULL,
	`missing` integer NOT NULL,
	`left_out` text NOT NULL,
	`data` blob NOT NULL,
	PRIMARY KEY(`machine_id`, `section`),
	FOREIGN KEY (`machine_id`) REFERENCES `cis`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE TABLE `ci_history` (
	`id` text PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`ci_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`ci_name` text NOT NULL,
	`ci_class` text NOT NULL,
	`kind` text NOT NULL,
	`attribute` text,
	`before` text NOT NULL,
	`after` text NOT NULL,
	`source` text NOT NULL,
	`actor` text NOT NULL,
	`cause_id` text
);

--> statement-breakpoint
CREATE INDEX `ci_history_machine` ON `ci_history` (`machine_id`,`at_ms`,`id`);
--> statement-breakpoint
CREATE INDEX `ci_history_time` ON `ci_history` (`at_ms`,`id`);
--> statement-breakpoint
CREATE TABLE `identity_traces` (
	`id` text PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`ci_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`decision` text NOT NULL,
	`rule` text NOT NULL,
	`reason` text NOT NULL,
	`keys` text NOT NULL,
	`rejected` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `identity_traces_ci` ON `identity_traces` (`ci_id`,`at_ms`);
--> statement-breakpoint
CREATE TABLE `findings` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`ci_id` text,
	`title` text NOT NULL,
	`evidence` text NOT NULL,
	`state` text NOT NULL,
	`count` integer NOT NULL,
	`opened_at_ms` integer NOT NULL,
	`last_at_ms` integer NOT NULL,
	`decided_by` text,
	`decided_at_ms` integer,
	`note` text,
	`change_id` text,
	`incident_ref` text
);

--> statement-breakpoint
CREATE INDEX `findings_key` ON `findings` (`kind`,`key`,`opened_at_ms`);
--> statement-breakpoint
CREATE INDEX `findings_state` ON `findings` (`state`,`opened_at_ms`,`id`);
--> statement-breakpoint
CREATE INDEX `findings_ci` ON `findings` (`ci_id`);
--> statement-breakpoint
CREATE TABLE `finding_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`rules` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `fingerprint_settings` (
	`class` text PRIMARY KEY NOT NULL,
	`directories` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `enrolment_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`uses_max` integer NOT NULL,
	`uses` integer NOT NULL,
	`approval` integer NOT NULL,
	`scope` text NOT NULL,
	`revoked_at_ms` integer
);

--> statement-breakpoint
CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`public_key` text NOT NULL,
	`state` text NOT NULL,
	`ci_id` text,
	`token_id` text NOT NULL,
	`scope` text NOT NULL,
	`enrolled_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	`uninstalled_at_ms` integer,
	`replaced_by` text,
	`hostname` text NOT NULL,
	`platform` text NOT NULL,
	`version` text NOT NULL,
	`boot_id` text NOT NULL,
	`release` text,
	`epoch` text,
	`last_seen_at_ms` integer,
	`address` text,
	`clock_skew_ms` integer,
	`dropped_frames` integer NOT NULL,
	`missing_frames` integer NOT NULL,
	`inventory` text NOT NULL,
	`findings` text NOT NULL,
	FOREIGN KEY (`token_id`) REFERENCES `enrolment_tokens`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE UNIQUE INDEX `agents_public_key_unique` ON `agents` (`public_key`);
--> statement-breakpoint
CREATE INDEX `agents_hostname` ON `agents` (`hostname`,`id`);
--> statement-breakpoint
CREATE INDEX `agents_ci` ON `agents` (`ci_id`);
--> statement-breakpoint
CREATE TABLE `agent_epochs` (
	`agent_id` text NOT NULL,
	`epoch` text NOT NULL,
	`turn` integer NOT NULL,
	`last_seq` integer NOT NULL,
	`gap_seq` integer NOT NULL,
	`started_at_ms` integer NOT NULL,
	PRIMARY KEY(`agent_id`, `epoch`),
	FOREIGN KEY (`agent_id`) REFERENCES `agents`(`id`) ON UPDATE no action ON DELETE cascade
);

--> statement-breakpoint
CREATE TABLE `ci_past` (
	`seq` integer PRIMARY KEY NOT NULL,
	`ci_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`listed` integer NOT NULL,
	`former` blob NOT NULL
);

--> statement-breakpoint
CREATE INDEX `ci_past_ci` ON `ci_past` (`ci_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `ci_past_time` ON `ci_past` (`at_ms`);
--> statement-breakpoint
CREATE INDEX `ci_past_listed` ON `ci_past` (`listed`,`at_ms`);
--> statement-breakpoint
CREATE TABLE `baselines` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`owner` text NOT NULL,
	`at_ms` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`created_by` text NOT NULL,
	`approved_by` text,
	`approved_at_ms` integer,
	`group_json` text NOT NULL,
	`ci_count` integer NOT NULL,
	`stored_bytes` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `baseline_states` (
	`baseline_id` text NOT NULL,
	`ci_id` text NOT NULL,
	`state` blob NOT NULL,
	PRIMARY KEY(`baseline_id`, `ci_id`),
	FOREIGN KEY (`baseline_id`) REFERENCES `baselines`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE TABLE `accuracy_days` (
	`day` text NOT NULL,
	`class` text NOT NULL,
	`count` integer NOT NULL,
	`score_sum` integer NOT NULL,
	PRIMARY KEY(`class`, `day`)
);

--> statement-breakpoint
CREATE TABLE `history_kept` (
	`kind` text PRIMARY KEY NOT NULL,
	`years` integer,
	`kept_since_ms` integer
);

--> statement-breakpoint
CREATE TABLE `reporters` (
	`source` text NOT NULL,
	`id` text NOT NULL,
	`ci_id` text NOT NULL,
	`first_at_ms` integer NOT NULL,
	`last_at_ms` integer NOT NULL,
	`hashes` text NOT NULL,
	PRIMARY KEY(`source`, `id`)
);

--> statement-breakpoint
CREATE TABLE `identity_pins` (
	`id` text PRIMARY KEY NOT NULL,
	`pin` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `identity_reviews` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`opened_at_ms` integer NOT NULL,
	`review` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `identity_reviews_state` ON `identity_reviews` (`state`,`opened_at_ms`);
--> statement-breakpoint
CREATE TABLE `ci_merges` (
	`id` text PRIMARY KEY NOT NULL,
	`keep_id` text NOT NULL,
	`other_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`merge` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `ci_merges_keep` ON `ci_merges` (`keep_id`);
--> statement-breakpoint
CREATE INDEX `ci_merges_other` ON `ci_merges` (`other_id`);
--> statement-breakpoint
CREATE TABLE `junk_values` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`note` text,
	`at_ms` integer NOT NULL,
	`actor` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`record` text NOT NULL,
	`content` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `import_rows` (
	`import_id` text NOT NULL,
	`line` integer NOT NULL,
	`outcome` text NOT NULL,
	`row` text NOT NULL,
	PRIMARY KEY(`import_id`, `line`)
);

--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`ref` text NOT NULL,
	`state` text NOT NULL,
	`title` text NOT NULL,
	`titled_by` text,
	`description` text NOT NULL,
	`impact` integer NOT NULL,
	`urgency` integer NOT NULL,
	`priority` integer NOT NULL,
	`why` text NOT NULL,
	`source` text NOT NULL,
	`ci_id` text,
	`ci_name` text,
	`ci_class` text,
	`cause_key` text,
	`assignee` text,
	`hold_reason` text,
	`resolution` text,
	`cause` text,
	`action` text,
	`needs_cause` integer NOT NULL,
	`alerts` text NOT NULL,
	`affected` text NOT NULL,
	`affected_beyond` integer NOT NULL,
	`joined_causes` text NOT NULL,
	`merged_into_id` text,
	`merged_into_ref` text,
	`kept_apart` integer NOT NULL,
	`parent_id` text,
	`parent_ref` text,
	`reopenings` integer NOT NULL,
	`unheld_since_ms` integer,
	`unclaimed_at_ms` integer,
	`judged_priority` integer NOT NULL,
	`matrix_version` integer NOT NULL,
	`hand` text,
	`reached_at_ms` integer,
	`category` text,
	`filed_by` text,
	`place` text NOT NULL,
	`support_group` text,
	`group_key` text,
	`opened_at_ms` integer NOT NULL,
	`breached_at_ms` integer,
	`acknowledged_at_ms` integer,
	`resolved_at_ms` integer,
	`restored_at_ms` integer,
	`closed_at_ms` integer,
	`quiet_since_ms` integer,
	`respond_by_ms` integer NOT NULL,
	`restore_by_ms` integer NOT NULL,
	`version` integer NOT NULL,
	`decided_version` integer NOT NULL
);

--> statement-breakpoint
CREATE UNIQUE INDEX `incidents_ref_unique` ON `incidents` (`ref`);
--> statement-breakpoint
CREATE INDEX `incidents_state` ON `incidents` (`state`,`opened_at_ms`);
--> statement-breakpoint
CREATE INDEX `incidents_ci` ON `incidents` (`ci_id`,`opened_at_ms`);
--> statement-breakpoint
CREATE INDEX `incidents_opened` ON `incidents` (`opened_at_ms`,`id`);
--> statement-breakpoint
CREATE INDEX `incidents_cause` ON `incidents` (`cause_key`,`opened_at_ms`);
--> statement-breakpoint
CREATE INDEX `incidents_parent` ON `incidents` (`parent_id`);
--> statement-breakpoint
CREATE INDEX `incidents_merged` ON `incidents` (`merged_into_id`);
--> statement-breakpoint
CREATE INDEX `incidents_group` ON `incidents` (`group_key`,`opened_at_ms`);
--> statement-breakpoint
CREATE TABLE `incident_cis` (
	`incident_id` text NOT NULL,
	`ci_id` text NOT NULL,
	PRIMARY KEY(`incident_id`, `ci_id`),
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE INDEX `incident_cis_ci` ON `incident_cis` (`ci_id`,`incident_id`);
--> statement-breakpoint
CREATE TABLE `incident_timeline` (
	`id` text PRIMARY KEY NOT NULL,
	`incident_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`actor` text NOT NULL,
	`kind` text NOT NULL,
	`text` text NOT NULL,
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE INDEX `incident_timeline_incident` ON `incident_timeline` (`incident_id`,`at_ms`,`id`);
--> statement-breakpoint
CREATE TABLE `incident_evidence` (
	`incident_id` text PRIMARY KEY NOT NULL,
	`evidence` text NOT NULL,
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE TABLE `incident_outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`at_ms` integer NOT NULL,
	`incident` text NOT NULL,
	`words` text
);

--> statement-breakpoint
CREATE TABLE `priority_matrices` (
	`version` integer PRIMARY KEY NOT NULL,
	`cells` text NOT NULL,
	`by` text NOT NULL,
	`at_ms` integer,
	`reason` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `incident_settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`version` integer NOT NULL,
	`by` text NOT NULL,
	`at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `intake_sites` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`token_hash` text NOT NULL,
	`scope` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`revoked_at_ms` integer,
	`deliveries` integer NOT NULL,
	`refused` integer NOT NULL,
	`last_delivery_at_ms` integer,
	`last_error_at_ms` integer,
	`last_error_code` text,
	`last_error_detail` text NOT NULL
);

--> statement-breakpoint
CREATE UNIQUE INDEX `intake_sites_token_hash_unique` ON `intake_sites` (`token_hash`);
--> statement-breakpoint
CREATE TABLE `intake_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`address` text NOT NULL,
	`client_name` text NOT NULL,
	`client_version` text NOT NULL,
	`device_name` text NOT NULL,
	`item_type` text NOT NULL,
	`partial` integer NOT NULL,
	`result` text NOT NULL,
	`code` text,
	`detail` text NOT NULL,
	`ci_id` text,
	`sections` text NOT NULL,
	`body_bytes` integer NOT NULL,
	`inflated_bytes` integer NOT NULL,
	FOREIGN KEY (`site_id`) REFERENCES `intake_sites`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE INDEX `intake_deliveries_site` ON `intake_deliveries` (`site_id`,`id`);
--> statement-breakpoint
CREATE TABLE `intake_reporters` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`key` text NOT NULL,
	`client_name` text NOT NULL,
	`client_version` text NOT NULL,
	`ci_id` text NOT NULL,
	`first_seen_at_ms` integer NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	`deliveries` integer NOT NULL,
	FOREIGN KEY (`site_id`) REFERENCES `intake_sites`(`id`) ON UPDATE no action ON DELETE no action
);

--> statement-breakpoint
CREATE UNIQUE INDEX `intake_reporters_key` ON `intake_reporters` (`site_id`,`key`);
--> statement-breakpoint
CREATE INDEX `intake_reporters_ci` ON `intake_reporters` (`ci_id`);
--> statement-breakpoint
CREATE TABLE `maintenance_windows` (
	`id` text PRIMARY KEY NOT NULL,
	`record` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `maintenance_coverage` (
	`window_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`added` text NOT NULL,
	`removed` text NOT NULL,
	PRIMARY KEY(`window_id`, `at_ms`)
);

--> statement-breakpoint
CREATE TABLE `maintenance_triggers` (
	`window_id` text NOT NULL,
	`ci_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`window_id`, `ci_id`, `at_ms`)
);

--> statement-breakpoint
CREATE TABLE `notification_channels` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`enabled` integer NOT NULL,
	`language` text NOT NULL,
	`priority_max` integer NOT NULL,
	`config` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `notification_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`channel_id` text NOT NULL,
	`incident_id` text,
	`notification` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`next_attempt_at_ms` integer NOT NULL,
	`last_attempt_at_ms` integer,
	`answer` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `notification_deliveries_state` ON `notification_deliveries` (`state`);
--> statement-breakpoint
CREATE INDEX `notification_deliveries_created` ON `notification_deliveries` (`created_at_ms`,`id`);
--> statement-breakpoint
CREATE INDEX `notification_deliveries_channel` ON `notification_deliveries` (`channel_id`,`created_at_ms`,`id`);
--> statement-breakpoint
CREATE TABLE `presence_settings` (
	`id` text PRIMARY KEY NOT NULL,
	`settings` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `presence_suggestions` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`proposed_at_ms` integer NOT NULL,
	`record` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `presence_suggestions_time` ON `presence_suggestions` (`proposed_at_ms`);
--> statement-breakpoint
CREATE TABLE `write_mappings` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`enabled` integer NOT NULL,
	`machine` text NOT NULL,
	`where` text NOT NULL,
	`lines` text NOT NULL,
	`created_at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `write_targets` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`enabled` integer NOT NULL,
	`url` text NOT NULL,
	`auth` text NOT NULL,
	`labels` text NOT NULL,
	`metrics` text NOT NULL,
	`classes` text NOT NULL,
	`created_at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `foreign_series` (
	`ci_id` text NOT NULL,
	`metric` text NOT NULL,
	`instance` text NOT NULL,
	`mapping_id` text NOT NULL,
	`sender` text NOT NULL,
	`since_ms` integer NOT NULL,
	`seen_ms` integer NOT NULL,
	`agent_reports` integer NOT NULL,
	PRIMARY KEY(`ci_id`, `metric`, `instance`)
);

--> statement-breakpoint
CREATE TABLE `rollouts` (
	`id` text PRIMARY KEY NOT NULL,
	`serial` integer NOT NULL,
	`version` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`created_at_ms` integer NOT NULL,
	`created_by` text NOT NULL,
	`ended_at_ms` integer,
	`tags` text NOT NULL,
	`pilot_tag` text,
	`gate` text NOT NULL,
	`pace` text NOT NULL,
	`trial_minutes` integer NOT NULL,
	`rings` text NOT NULL,
	`skipped` text NOT NULL
);

--> statement-breakpoint
CREATE INDEX `rollouts_created` ON `rollouts` (`created_at_ms`,`id`);
--> statement-breakpoint
CREATE TABLE `rollout_members` (
	`rollout_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`turn` integer NOT NULL,
	`ring` text,
	`state` text NOT NULL,
	`since_ms` integer,
	`detail` text NOT NULL,
	`name` text NOT NULL,
	`site` text,
	`place` text NOT NULL,
	`platform` text NOT NULL,
	`excused` integer NOT NULL,
	`tells` integer NOT NULL,
	`took_back_before` integer NOT NULL,
	`rank` integer NOT NULL,
	PRIMARY KEY(`rollout_id`, `agent_id`),
	FOREIGN KEY (`rollout_id`) REFERENCES `rollouts`(`id`) ON UPDATE no action ON DELETE cascade
);

--> statement-breakpoint
CREATE INDEX `rollout_members_rank` ON `rollout_members` (`rollout_id`,`rank`,`name`,`agent_id`);
--> statement-breakpoint
CREATE TABLE `agent_pins` (
	`agent_id` text PRIMARY KEY NOT NULL,
	`note` text NOT NULL,
	`pinned_by` text NOT NULL,
	`pinned_at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `rules` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`enabled` integer NOT NULL,
	`selector` text NOT NULL,
	`condition` text NOT NULL,
	`owner` text,
	`agreed_on` text,
	`explanation` text NOT NULL,
	`pack` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE TABLE `rule_packs` (
	`key` text PRIMARY KEY NOT NULL
);

--> statement-breakpoint
CREATE TABLE `rule_versions` (
	`rule_id` text NOT NULL,
	`version` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`by` text NOT NULL,
	`change` text NOT NULL,
	`restored_from` integer,
	`rule` text NOT NULL,
	PRIMARY KEY(`rule_id`, `version`)
);

--> statement-breakpoint
CREATE TABLE `rule_states` (
	`rule_id` text NOT NULL,
	`ci_id` text NOT NULL,
	`instance` text NOT NULL,
	`tracks` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`rule_id`, `ci_id`, `instance`),
	FOREIGN KEY (`rule_id`) REFERENCES `rules`(`id`) ON UPDATE no action ON DELETE cascade
);

--> statement-breakpoint
CREATE TABLE `alerts` (
	`id` text PRIMARY KEY NOT NULL,
	`rule_id` text NOT NULL,
	`ci_id` text NOT NULL,
	`instance` text NOT NULL,
	`live_key` text,
	`state` text NOT NULL,
	`severity` text NOT NULL,
	`rule_name` text NOT NULL,
	`metric` text,
	`value` real,
	`level` real,
	`last_value` real,
	`level_since_ms` integer NOT NULL,
	`breached_at_ms` integer NOT NULL,
	`opened_at_ms` integer NOT NULL,
	`resolved_at_ms` integer,
	`resolved_because` text,
	`reopened` integer NOT NULL,
	`incident_id` text,
	`suppressed_by` text,
	`acknowledgement` text,
	`flaps` text,
	`settled` integer NOT NULL,
	`version` integer NOT NULL
);

--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_live_key_unique` ON `alerts` (`live_key`);
--> statement-breakpoint
CREATE INDEX `alerts_opened` ON `alerts` (`opened_at_ms`,`id`);
--> statement-breakpoint
CREATE INDEX `alerts_ci` ON `alerts` (`ci_id`,`opened_at_ms`);
--> statement-breakpoint
CREATE INDEX `alerts_state` ON `alerts` (`state`,`opened_at_ms`);
--> statement-breakpoint
CREATE INDEX `alerts_rule` ON `alerts` (`rule_id`,`opened_at_ms`);
--> statement-breakpoint
CREATE INDEX `alerts_resolved` ON `alerts` (`resolved_at_ms`);
--> statement-breakpoint
CREATE TABLE `software_counts` (
	`package_id` integer NOT NULL,
	`version` text NOT NULL,
	`publisher` text NOT NULL,
	`count` integer NOT NULL,
	`first_seen_at_ms` integer NOT NULL,
	PRIMARY KEY(`package_id`, `version`, `publisher`)
);

--> statement-breakpoint
CREATE TABLE `software_names` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text,
	`merged_into` text
);

--> statement-breakpoint
CREATE TABLE `software_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`rule` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `licences` (
	`id` text PRIMARY KEY NOT NULL,
	`licence` text NOT NULL
);

--> statement-breakpoint
CREATE TABLE `views` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`name` text NOT NULL,
	`search` text NOT NULL,
	`hidden_columns` text,
	`shared` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);

--> statement-breakpoint
CREATE INDEX `views_owner` ON `views` (`owner`);
