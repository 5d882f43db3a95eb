package contracttest

var minimalText = withRequired(`{"id":"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b","type":"contact","team_id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e",` +
	`"sms_verified":true,"sms_opted_in":true,"sms_authorized":true,"sms_unsubscribed":false,"email_verified":true,"email_opted_in":false,` +
	`"email_authorized":true,"email_unsubscribed":false,"meta_public":{},"inserted_at":"2024-03-09T16:20:11.482913Z",` +
	`"updated_at":"2026-05-17T08:02:45.120004Z","active_journey_ids":[],"completed_objective_keys":[]}`)
