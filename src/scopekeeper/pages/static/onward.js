/* Sends the page's only form on its way; its button does the same where scripts are off. */
document.forms[0].submit();
