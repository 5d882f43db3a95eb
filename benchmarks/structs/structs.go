// Package structs has the contact as a service would write it for decoders of structs and for
// go-playground/validator, with that library's tags. easyjson makes its decoder of it.
package structs

import "time"

// Contact is the contact. "tzname" is a lookup in a prebuilt set: the built-in "timezone" tag loads the
// zone with time.LoadLocation at every call.
type Contact struct {
	ID                     string         `json:"id" validate:"required,uuid4"`
	Type                   string         `json:"type" validate:"required,eq=contact"`
	TeamID                 string         `json:"team_id" validate:"required,uuid4"`
	UniqueID               *string        `json:"unique_id,omitempty"`
	NameFirst              *string        `json:"name_first,omitempty"`
	NameLast               *string        `json:"name_last,omitempty"`
	NameTitle              *string        `json:"name_title,omitempty"`
	NameSuffix             *string        `json:"name_suffix,omitempty"`
	Email                  *string        `json:"email,omitempty"`
	PhoneHome              *string        `json:"phone_home,omitempty"`
	PhoneMobile            *string        `json:"phone_mobile,omitempty"`
	PhoneWork              *string        `json:"phone_work,omitempty"`
	Address                *string        `json:"address,omitempty"`
	Address2               *string        `json:"address2,omitempty"`
	City                   *string        `json:"city,omitempty"`
	State                  *string        `json:"state,omitempty"`
	PostCode               *string        `json:"post_code,omitempty"`
	County                 *string        `json:"county,omitempty"`
	Country                *string        `json:"country,omitempty"`
	Birthdate              *string        `json:"birthdate,omitempty" validate:"omitempty,datetime=2006-01-02"`
	Timezone               *string        `json:"timezone,omitempty" validate:"omitempty,tzname"`
	SMSVerified            *bool          `json:"sms_verified" validate:"required"`
	SMSOptedIn             *bool          `json:"sms_opted_in" validate:"required"`
	SMSAuthorized          *bool          `json:"sms_authorized" validate:"required"`
	SMSUnsubscribed        *bool          `json:"sms_unsubscribed" validate:"required"`
	EmailVerified          *bool          `json:"email_verified" validate:"required"`
	EmailOptedIn           *bool          `json:"email_opted_in" validate:"required"`
	EmailAuthorized        *bool          `json:"email_authorized" validate:"required"`
	EmailUnsubscribed      *bool          `json:"email_unsubscribed" validate:"required"`
	MetaPublic             map[string]any `json:"meta_public" validate:"required"`
	InsertedAt             time.Time      `json:"inserted_at" validate:"required"`
	UpdatedAt              time.Time      `json:"updated_at" validate:"required"`
	LastSeenAt             *time.Time     `json:"last_seen_at,omitempty"`
	ActiveJourneyIDs       []string       `json:"active_journey_ids" validate:"required,dive,uuid4"`
	CompletedObjectiveKeys []string       `json:"completed_objective_keys" validate:"required"`
}

// Patch is the body of an update: a pointer for every field, so that absent is not false or "".
type Patch struct {
	ID                     *string         `json:"id" validate:"omitempty,uuid4"`
	Type                   *string         `json:"type" validate:"omitempty,eq=contact"`
	TeamID                 *string         `json:"team_id" validate:"omitempty,uuid4"`
	UniqueID               *string         `json:"unique_id"`
	NameFirst              *string         `json:"name_first"`
	NameLast               *string         `json:"name_last"`
	NameTitle              *string         `json:"name_title"`
	NameSuffix             *string         `json:"name_suffix"`
	Email                  *string         `json:"email"`
	PhoneHome              *string         `json:"phone_home"`
	PhoneMobile            *string         `json:"phone_mobile"`
	PhoneWork              *string         `json:"phone_work"`
	Address                *string         `json:"address"`
	Address2               *string         `json:"address2"`
	City                   *string         `json:"city"`
	State                  *string         `json:"state"`
	PostCode               *string         `json:"post_code"`
	County                 *string         `json:"county"`
	Country                *string         `json:"country"`
	Birthdate              *string         `json:"birthdate" validate:"omitempty,datetime=2006-01-02"`
	Timezone               *string         `json:"timezone" validate:"omitempty,tzname"`
	SMSVerified            *bool           `json:"sms_verified"`
	SMSOptedIn             *bool           `json:"sms_opted_in"`
	SMSAuthorized          *bool           `json:"sms_authorized"`
	SMSUnsubscribed        *bool           `json:"sms_unsubscribed"`
	EmailVerified          *bool           `json:"email_verified"`
	EmailOptedIn           *bool           `json:"email_opted_in"`
	EmailAuthorized        *bool           `json:"email_authorized"`
	EmailUnsubscribed      *bool           `json:"email_unsubscribed"`
	MetaPublic             *map[string]any `json:"meta_public"`
	InsertedAt             *time.Time      `json:"inserted_at"`
	UpdatedAt              *time.Time      `json:"updated_at"`
	LastSeenAt             *time.Time      `json:"last_seen_at"`
	ActiveJourneyIDs       *[]string       `json:"active_journey_ids" validate:"omitempty,dive,uuid4"`
	CompletedObjectiveKeys *[]string       `json:"completed_objective_keys"`
}
