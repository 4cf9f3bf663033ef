/*
 * read_xml.h - what the readers of XML share: private to this folder.
 */
#pragma once

#include "fulfill/intake/build.h"
#include "fulfill/intake/read.h"
#include "fulfill/intake/xml.h"

bool read_opentrans(
    const XmlNode *root, const IntakeHint *hint, ReadOut *out, GError **error) MUST_USE;
bool read_ubl_order(
    const XmlNode *root, const IntakeHint *hint, ReadOut *out, GError **error) MUST_USE;
bool read_ubl_cancellation(
    const XmlNode *root, const IntakeHint *hint, ReadOut *out, GError **error) MUST_USE;

/* The text at the end of `path`, white space collapsed as xs:token has it; NULL when
 * there is none but white space.  The caller frees. */
char *xml_token(const XmlNode *node, const char *path);

/* Sets a field of the order from that text, when there is one. */
void xml_give(Build *b, const char *field, const XmlNode *node, const char *path);
