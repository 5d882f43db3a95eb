package main

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-playground/validator/v10"
	goccy "github.com/goccy/go-json"
)

// contactStruct is the contact as a service would write it for a struct
// decoder and go-playground/validator, with that library's own tags. "tzname"
// is a lookup in a prebuilt set: the built-in "timezone" tag loads the zone
// with time.LoadLocation at every call.
type contactStruct struct {
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

// patchStruct is the body of an update for the same libraries: a pointer for
// every field, so that absent is not false or "".
type patchStruct struct {
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

var sonicStrict = sonic.Config{DisallowUnknownFields: true, CaseSensitive: true}.Froze()

// decoders are the struct decoders, each told to refuse unknown members.
var decoders = []struct {
	name, module, note string
	decode             func(body []byte, v any) error
}{
	{"encoding/json", "", "Decoder with DisallowUnknownFields", func(body []byte, v any) error {
		d := stdjson.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			return err
		}
		return atEnd(d.Token())
	}},
	{"encoding/json/v2", "github.com/go-json-experiment/json",
		"Unmarshal with RejectUnknownMembers; as a module, because the experiment in the Go distribution would also change encoding/json for all the others",
		func(body []byte, v any) error {
			return jsonv2.Unmarshal(body, v, jsonv2.RejectUnknownMembers(true))
		}},
	{"goccy", "github.com/goccy/go-json", "Decoder with DisallowUnknownFields", func(body []byte, v any) error {
		d := goccy.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			return err
		}
		return atEnd(d.Token())
	}},
	{"sonic", "github.com/bytedance/sonic", "DisallowUnknownFields and CaseSensitive", func(body []byte, v any) error {
		return sonicStrict.Unmarshal(body, v)
	}},
}

var errTrailing = errors.New("bytes after the value")

// atEnd judges what a streaming decoder finds after the value.
func atEnd(_ any, err error) error {
	if err == io.EOF {
		return nil
	}
	return errTrailing
}

// structPeers are go-playground/validator on each of the decoders.
func structPeers(zones map[string]bool) []contender {
	v := newValidator(zones)
	var peers []contender
	for _, d := range decoders {
		peers = append(peers, contender{
			name:    "validator on " + d.name,
			modules: []string{"github.com/go-playground/validator/v10", d.module},
			note:    d.note + "; timezones a set registered as a tag",
			full: func(body []byte) error {
				var c contactStruct
				if err := d.decode(body, &c); err != nil {
					return err
				}
				return v.Struct(&c)
			},
			patch: func(body []byte) error {
				var p patchStruct
				if err := d.decode(body, &p); err != nil {
					return err
				}
				return v.Struct(&p)
			},
			list: structFaults,
		})
	}
	return peers
}

func newValidator(zones map[string]bool) *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	must(v.RegisterValidation("tzname", func(f validator.FieldLevel) bool { return zones[f.Field().String()] }))
	return v
}

// structFaults lists the validator's errors, or the decoder's one. The
// validator names a field "contactStruct.active_journey_ids[1]"; a decoder's
// error has its text alone.
func structFaults(dst []string, err error) []string {
	if errs, ok := errors.AsType[validator.ValidationErrors](err); ok {
		for _, e := range errs {
			dst = append(dst, e.Namespace())
		}
		return dst
	}
	if e, ok := errors.AsType[*jsonv2.SemanticError](err); ok {
		return append(dst, string(e.JSONPointer))
	}
	return append(dst, err.Error())
}

// sonicOverlay is the whole update by decoding the patch over the decoded
// stored contact. It is quick to write and not RFC 7396.
func sonicOverlay(zones map[string]bool) contender {
	v := newValidator(zones)
	return contender{
		name:    "sonic overlay + validator",
		modules: []string{"github.com/bytedance/sonic", "github.com/go-playground/validator/v10"},
		note:    "the patch unmarshalled over the decoded contact, the result validated and marshalled",
		update: func(stored, patch []byte) ([]byte, error) {
			var c contactStruct
			if err := sonicStrict.Unmarshal(stored, &c); err != nil {
				return nil, err
			}
			if err := sonicStrict.Unmarshal(patch, &c); err != nil {
				return nil, err
			}
			if err := v.Struct(&c); err != nil {
				return nil, err
			}
			return sonicStrict.Marshal(&c)
		},
		list: structFaults,
	}
}
