/*
 * answer_private.h - the two shapes of an answer.
 */
#pragma once

#include <jansson.h>

#include "fulfill/issue/answer.h"
#include "fulfill/issue/soap.h"

struct Answer {
	json_t *json;
	Soap *soap; /* the other is NULL */
};
