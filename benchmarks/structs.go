package main

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-playground/validator/v10"
	goccy "github.com/goccy/go-json"
	"github.com/mailru/easyjson"
	"github.com/mailru/easyjson/jlexer"

	"github.com/partner-contacts/contact/benchmarks/structs"
)

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
	{"sonic", "github.com/bytedance/sonic", "DisallowUnknownFields and CaseSensitive; all strings share one copy of the body", func(body []byte, v any) error {
		return sonicStrict.Unmarshal(body, v)
	}},
	{"easyjson", "github.com/mailru/easyjson", "generated with -disallow_unknown_fields", func(body []byte, v any) error {
		lexer := jlexer.Lexer{Data: body}
		v.(easyjson.Unmarshaler).UnmarshalEasyJSON(&lexer)
		lexer.Consumed()
		return lexer.Error()
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
				var c structs.Contact
				if err := d.decode(body, &c); err != nil {
					return err
				}
				return v.Struct(&c)
			},
			patch: func(body []byte) error {
				var p structs.Patch
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

// decodersAlone are the two fastest of the decoders with nothing that judges the values.
func decodersAlone() []contender {
	var peers []contender
	for _, d := range decoders {
		if d.name != "sonic" && d.name != "easyjson" {
			continue
		}
		peers = append(peers, contender{
			name:    d.name + ", types alone",
			modules: []string{d.module},
			note:    d.note + "; no value is judged",
			near:    true,
			full:    func(body []byte) error { return d.decode(body, new(structs.Contact)) },
			patch:   func(body []byte) error { return d.decode(body, new(structs.Patch)) },
			list:    structFaults,
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
// validator names a field "Contact.active_journey_ids[1]"; a decoder's
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
			var c structs.Contact
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
