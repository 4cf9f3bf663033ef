/*
 * rights_tree.c - one invariant, kept by every operation.
 */
#include "fulfill/domain/rights_tree.h"

#include <string.h>

typedef struct Node {
	RightsNode parent;
	Rights *rights; /* NULL: taken away */
} Node;

struct RightsTree {
	GArray *nodes; /* of Node, by number */
};

static void
node_clear(void *data)
{
	rights_free(((Node *)data)->rights);
}

static Node *
node_at(const RightsTree *tree, RightsNode node)
{
	return &g_array_index(tree->nodes, Node, node);
}

static RightsNode
append(RightsTree *tree, RightsNode parent, Rights *rights)
{
	Node node = { parent, rights };

	g_array_append_val(tree->nodes, node);
	return tree->nodes->len - 1;
}

RightsTree *
rights_tree_new(Rights *root)
{
	RightsTree *tree = g_new0(RightsTree, 1);

	tree->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
	g_array_set_clear_func(tree->nodes, node_clear);
	append(tree, 0, root);
	return tree;
}

void
rights_tree_free(RightsTree *tree)
{
	if (tree == NULL)
		return;
	g_array_unref(tree->nodes);
	g_free(tree);
}

guint
rights_tree_count(const RightsTree *tree)
{
	return tree->nodes->len;
}

bool
rights_tree_has(const RightsTree *tree, RightsNode node)
{
	return node < tree->nodes->len && node_at(tree, node)->rights != NULL;
}

RightsNode
rights_tree_parent(const RightsTree *tree, RightsNode node)
{
	return node_at(tree, node)->parent;
}

const Rights *
rights_tree_rights(const RightsTree *tree, RightsNode node)
{
	return node_at(tree, node)->rights;
}

bool
rights_tree_is_below(const RightsTree *tree, RightsNode node, RightsNode above)
{
	while (node != 0) {
		node = rights_tree_parent(tree, node);
		if (node == above)
			return true;
	}
	return false;
}

/* ---- who may ---- */

static bool
check_there(const RightsTree *tree, RightsNode node, GError **error)
{
	return rights_tree_has(tree, node) ||
	       err_set(error, TP_ERROR_NOT_FOUND, "there is no node %u", node);
}

static bool
check_above(const RightsTree *tree, RightsNode actor, RightsNode node, GError **error)
{
	if (!check_there(tree, actor, error) || !check_there(tree, node, error))
		return false;
	if (actor == node)
		return err_set(error, TP_ERROR_DENIED, "nobody changes their own rights");
	return rights_tree_is_below(tree, node, actor) ||
	       err_set(error, TP_ERROR_DENIED,
		   "only those above may change somebody's rights");
}

bool
rights_may_lend(
    const Rights *own, const Rights *now, const Rights *wanted, GError **error)
{
	g_autofree char *excess = rights_excess(wanted, own);
	g_autoptr(Rights) lendable = rights_lendable(own);
	/* What was there stays without being lent again. */
	g_autofree char *locked = rights_excess_either(wanted, now, lendable);

	if (excess != NULL)
		return err_set(error, TP_ERROR_DENIED,
		    "%s is more than what those have who pass it on", excess);
	return locked == NULL ||
	       err_set(error, TP_ERROR_DENIED,
		   "%s cannot be passed on without create-user there", locked);
}

/* ---- keeping the invariant ---- */

/*
 * Cuts each node below `top` to what its parent may.  A child may have a smaller number
 * than its parent, after a move; so it goes level by level, from the top.
 */
static void
cut_below(RightsTree *tree, RightsNode top, GArray *changed)
{
	g_autoptr(GArray) level = g_array_new(FALSE, FALSE, sizeof(RightsNode));

	g_array_append_val(level, top);
	for (guint i = 0; i < level->len; i++) {
		RightsNode parent = g_array_index(level, RightsNode, i);

		for (RightsNode n = 1; n < tree->nodes->len; n++) {
			Node *node = node_at(tree, n);
			const Rights *above = rights_tree_rights(tree, parent);
			Rights *cut;

			if (node->rights == NULL || node->parent != parent)
				continue;
			/* Below what lies within already, all does. */
			if (rights_within(node->rights, above))
				continue;
			cut = rights_meet(above, node->rights);
			rights_free(node->rights);
			node->rights = cut;
			g_array_append_val(level, n);
			if (changed != NULL)
				g_array_append_val(changed, n);
		}
	}
}

bool
rights_tree_load(RightsTree *tree, RightsNode parent, const Rights *rights,
    RightsNode *ret, GError **error)
{
	g_autofree char *excess = NULL;

	if (!check_there(tree, parent, error))
		return false;
	excess = rights_excess(rights, rights_tree_rights(tree, parent));
	if (excess != NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "%s below node %u is more than that has", excess, parent);
	*ret = append(tree, parent, rights_copy(rights));
	return true;
}

bool
rights_tree_add(RightsTree *tree, RightsNode actor, const Rights *wanted, RightsNode *ret,
    GError **error)
{
	g_autoptr(Rights) none = rights_new();

	if (!check_there(tree, actor, error) ||
	    !rights_may_lend(rights_tree_rights(tree, actor), none, wanted, error))
		return false;
	*ret = append(tree, actor, rights_copy(wanted));
	return true;
}

bool
rights_tree_set(RightsTree *tree, RightsNode actor, RightsNode node, const Rights *wanted,
    GArray *changed, GError **error)
{
	Node *at;
	g_autofree char *excess = NULL;

	if (!check_above(tree, actor, node, error) ||
	    !rights_may_lend(rights_tree_rights(tree, actor),
		rights_tree_rights(tree, node), wanted, error))
		return false;
	at = node_at(tree, node);
	/* Between the actor and the node there may be others, who have less. */
	excess = rights_excess(wanted, rights_tree_rights(tree, at->parent));
	if (excess != NULL)
		return err_set(error, TP_ERROR_DENIED,
		    "%s is more than the one directly above has", excess);
	rights_free(at->rights);
	at->rights = rights_copy(wanted);
	if (changed != NULL)
		g_array_append_val(changed, node);
	cut_below(tree, node, changed);
	return true;
}

bool
rights_tree_move(RightsTree *tree, RightsNode actor, RightsNode node, RightsNode parent,
    GArray *changed, GError **error)
{
	Node *at;
	Rights *cut;

	if (!check_above(tree, actor, node, error) || !check_there(tree, parent, error))
		return false;
	if (parent != actor && !rights_tree_is_below(tree, parent, actor))
		return err_set(
		    error, TP_ERROR_DENIED, "the new parent is not below who moves");
	if (parent == node || rights_tree_is_below(tree, parent, node))
		return err_set(
		    error, TP_ERROR_DENIED, "nobody goes below those below them");
	at = node_at(tree, node);
	at->parent = parent;
	cut = rights_meet(rights_tree_rights(tree, parent), at->rights);
	rights_free(at->rights);
	at->rights = cut;
	if (changed != NULL)
		g_array_append_val(changed, node);
	cut_below(tree, node, changed);
	return true;
}

bool
rights_tree_remove(
    RightsTree *tree, RightsNode actor, RightsNode node, GArray *changed, GError **error)
{
	Node *at;

	if (!check_above(tree, actor, node, error))
		return false;
	at = node_at(tree, node);
	/* What lies within the node lies within its parent: nothing to cut. */
	for (RightsNode n = 1; n < tree->nodes->len; n++) {
		Node *child = node_at(tree, n);

		if (child->rights == NULL || child->parent != node)
			continue;
		child->parent = at->parent;
		if (changed != NULL)
			g_array_append_val(changed, n);
	}
	rights_free(at->rights);
	at->rights = NULL;
	if (changed != NULL)
		g_array_append_val(changed, node);
	return true;
}

bool
rights_tree_check(const RightsTree *tree, GError **error)
{
	for (RightsNode n = 1; n < tree->nodes->len; n++) {
		const Node *node = node_at(tree, n);
		g_autofree char *excess = NULL;

		if (node->rights == NULL)
			continue;
		if (!rights_tree_has(tree, node->parent))
			return err_set(
			    error, TP_ERROR_INVALID, "node %u has no parent", n);
		excess =
		    rights_excess(node->rights, rights_tree_rights(tree, node->parent));
		if (excess != NULL)
			return err_set(error, TP_ERROR_INVALID,
			    "node %u may %s, and its parent %u may not", n, excess,
			    node->parent);
	}
	return true;
}
